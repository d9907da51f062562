/**
 * Heartbeats of activities that have reached a Temporal server since its start, from the Prometheus metrics of its
 * frontend: what the worker's SDK throttles away never gets there, and is not billed.
 *
 * @param {string} url of the metrics
 * @param {string} namespace
 */
export async function heartbeatsIn(url, namespace) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}: no metrics of a Temporal server`);
  return countHeartbeats(await response.text(), namespace);
}

/** @param {string} metrics in Prometheus' text format @param {string} namespace */
export function countHeartbeats(metrics, namespace) {
  const wanted = [
    'operation="RecordActivityTaskHeartbeat"',
    'service_name="frontend"',
    `namespace="${namespace.replace(/["\\]/g, '\\$&')}"`,
  ];
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('service_requests{') && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
