import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { METRICS } from '../../src/activities/metrics.js';
import { namesIn, tablesOf } from './docs/documented.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const { groups } = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.union([
            z.strictObject({ record: z.string(), expr: z.string() }),
            z.object({
              alert: z.string(),
              expr: z.string(),
              labels: z.object({ severity: z.enum(['warning', 'critical']) }),
              annotations: z.object({ summary: z.string(), runbook: z.string() }),
            }),
          ]),
        ),
      }),
    ),
  })
  .parse(parse(read('deploy/prometheus/alerts.yml')));
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.flatMap((rule) => ('alert' in rule ? rule : []));
const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? rule.record : [])));

const { panels } = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).min(1) })),
  })
  .parse(JSON.parse(read('deploy/grafana/dashboard.json')));
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

const HEADING = 'Metrics of the worker';
const documented = new Set(namesIn('metrics.md', HEADING).filter((name) => name.startsWith('polyai_')));

/** The metrics of the Temporal SDK that the alert rules read, under their names for Prometheus, and their labels. */
const SDK_METRICS: Readonly<Record<string, readonly string[]>> = {
  temporal_workflow_task_execution_failed_total: ['workflow_type', 'failure_reason'],
};

/** The metrics that a query reads, recorded ones included; of a histogram without what Prometheus adds. */
function metricsOf(query: string): string[] {
  return (query.match(/(?:\w+:)?\b(?:polyai|temporal)_[\w:]+/g) ?? []).map((name) =>
    name.replace(/_(?:bucket|sum|count)$/, ''),
  );
}

const isKnown = (metric: string): boolean => documented.has(metric) || recorded.has(metric) || metric in SDK_METRICS;

/** The labels that a query selects by or keeps. */
function labelsOf(query: string): string[] {
  const kept = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','));
  const selected = [...query.matchAll(/(\w+)\s*=~?"/g)].map(([, label = '']) => label);
  return [...kept, ...selected].map((label) => label.trim());
}

describe('the reference', () => {
  it('lists every metric under the name that Prometheus shows, with kind, labels and meaning', () => {
    const suffixes = { counter: '_total', gauge: '', histogram: '_seconds' };
    const rows = tablesOf('metrics.md')
      .get(HEADING)
      ?.filter(([name]) => name?.startsWith('`polyai_'));
    const expected = Object.entries(METRICS).map(([name, { kind, labels, description }]) => [
      `\`${name}${suffixes[kind]}\``,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
      description,
    ]);
    expect(rows).toEqual(expected);
  });
});

describe('the alert rules', () => {
  it.each(rules.map(({ expr }) => expr))('%s reads metrics and labels that exist', (expr) => {
    expect(metricsOf(expr).length).toBeGreaterThan(0);
    expect(metricsOf(expr).filter((name) => !isKnown(name))).toEqual([]);
    expect(unknownLabels(expr)).toEqual([]);
  });

  it('have a section of the runbook each, and the runbook has no other', () => {
    const page = 'docs/how-to/respond-to-alerts.md';
    const headings = [...read(page).matchAll(/^## (\S+)$/gm)].map(([, heading = '']) => heading);
    expect(headings.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook).toBe(`${page}#${alert.toLowerCase()}`);
    }
  });
});

describe('the dashboard', () => {
  it.each(queries)('%s reads metrics and labels that exist', (_, expr) => {
    expect(metricsOf(expr).length).toBeGreaterThan(0);
    expect(metricsOf(expr).filter((name) => !documented.has(name))).toEqual([]);
    expect(unknownLabels(expr)).toEqual([]);
  });

  it('shows every metric but the switches that have a number beside them', () => {
    const shown = new Set(queries.flatMap(([, expr]) => metricsOf(expr)));
    expect([...documented].filter((name) => !shown.has(name))).toEqual(['polyai_throttled']);
  });
});

function unknownLabels(expr: string): string[] {
  const ofSdk = metricsOf(expr).flatMap((metric) => SDK_METRICS[metric] ?? []);
  const known = new Set<string>(['le', ...ofSdk, ...Object.values(METRICS).flatMap(({ labels }) => [...labels])]);
  return labelsOf(expr).filter((label) => !known.has(label));
}
