import { BIGINT, type DuckDBConnection, DuckDBScalarFunction, INTEGER, VARCHAR } from '@duckdb/node-api'
import { bucketOfLong, bucketOfText } from './murmur3.ts'

/**
 * Adds the functions that SQL of the lake calls and DuckDB lacks: `iceberg_bucket_text(text, n)` and `iceberg_bucket_long(long,
 * n)`. They run in JavaScript, about half a million rows a second.
 */
export function registerFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    scalar('iceberg_bucket_text', VARCHAR, (value, buckets) => bucketOfText(String(value), buckets)),
  )
  connection.registerScalarFunction(
    scalar('iceberg_bucket_long', BIGINT, (value, buckets) => bucketOfLong(BigInt(value as bigint), buckets)),
  )
}

function scalar(
  name: string,
  type: typeof VARCHAR | typeof BIGINT,
  call: (value: unknown, buckets: number) => number,
): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [type, INTEGER],
    returnType: INTEGER,
    mainFunction: (_info, input, output) => {
      const [values, buckets] = [input.getColumnVector(0), input.getColumnVector(1)]
      for (let row = 0; row < input.rowCount; row++) {
        const value = values.getItem(row)
        output.setItem(row, value === null ? null : call(value, Number(buckets.getItem(row))))
      }
      output.flush()
    },
  })
}
