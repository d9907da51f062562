/**
 * How often a property test runs: so often in `npm test`, and a multiple of it in `npm run test:slow`, which sets `PROPERTY_RUNS`.
 */
export function propertyRuns(inQuickTests: number): number {
  return inQuickTests * Number(process.env['PROPERTY_RUNS'] ?? 1);
}
