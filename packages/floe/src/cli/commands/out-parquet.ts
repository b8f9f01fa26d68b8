import type { RunCommand } from '../command.ts'
import { outCommand } from '../out-tables.ts'

export const run: RunCommand = outCommand('parquet')
