export { type Config, defineConfig } from './config/define.ts'
export { type EtlContext, type EtlListener, type EtlOptions, type EtlReceipt, etl, type Input } from './pipeline.ts'
