import type { Machine } from '../machine.js';
import type { RunFigures } from '../measure/steady-state.js';
import type { Turnover } from '../measure/turnover.js';
import type { BenchmarkOptions } from '../options.js';
import type { Shape } from '../shapes/shape.js';

/** All repeats of a shape. */
interface Repeats<Figures> {
  readonly shape: string;
  readonly runs: Figures[];
  /** Why there are no runs, or no more. */
  missing?: string;
}

/** Of one shape with so many live calls. */
export interface Row extends Repeats<RunFigures> {
  readonly live: number;
}

export type TurnoverRow = Repeats<Turnover>;

/** All that a benchmark found; `results.json` has it. */
export interface Results {
  readonly command: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: BenchmarkOptions;
  readonly shapes: readonly Pick<Shape, 'name' | 'about'>[];
  readonly rows: readonly Row[];
  readonly turnover: readonly TurnoverRow[];
}
