import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { JobKind } from '../jobs/store.ts'

/** What `/metrics` tells; labels are of fixed sets, so nothing of a caller or a resource gets in. */
export interface Metrics {
  readonly registry: Registry
  /** kick-off to end, by `status`: complete, failed, cancelled */
  readonly exports: Counter<'status'>
  readonly imports: Counter<'status'>
  readonly sqlExports: Counter<'status'>
  readonly bytes: Counter<'direction'>
  readonly resources: Counter<'direction'>
  readonly requests: Counter<'route' | 'method' | 'status'>
  readonly seconds: Histogram<'route'>
  readonly tokens: Counter<'outcome'>
}

/** The counter of a kind of jobs. */
export function jobCounter(metrics: Metrics, kind: JobKind): Counter<'status'> {
  return { export: metrics.exports, import: metrics.imports, 'sql-export': metrics.sqlExports }[kind]
}

export function openMetrics(running: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'floe_jobs_running',
    help: 'Jobs that are not finished',
    registers,
    collect() {
      this.set(running())
    },
  })
  return {
    registry,
    exports: new Counter({ name: 'floe_exports_total', help: 'Exports that ended', labelNames: ['status'], registers }),
    imports: new Counter({ name: 'floe_imports_total', help: 'Imports that ended', labelNames: ['status'], registers }),
    sqlExports: new Counter({
      name: 'floe_sql_exports_total',
      help: 'Exports of views that ended',
      labelNames: ['status'],
      registers,
    }),
    bytes: new Counter({ name: 'floe_bytes_total', help: 'Bytes of NDJSON', labelNames: ['direction'], registers }),
    resources: new Counter({ name: 'floe_resources_total', help: 'Lines of NDJSON', labelNames: ['direction'], registers }),
    requests: new Counter({
      name: 'floe_http_requests_total',
      help: 'Requests by route template',
      labelNames: ['route', 'method', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'floe_http_request_seconds',
      help: 'Time until the answer began',
      labelNames: ['route'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    tokens: new Counter({ name: 'floe_tokens_total', help: 'Token requests', labelNames: ['outcome'], registers }),
  }
}
