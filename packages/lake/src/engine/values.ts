import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'

type Convert = (value: DuckDBValue) => unknown

/**
 * How values of a DuckDB type become plain data for `JSON.stringify`.
 *
 * Integers are numbers where a double holds them, else decimal text; decimals are numbers; instants are ISO 8601 text in UTC with
 * as many fraction digits as they have (three at least); dates are `YYYY-MM-DD`; structs are objects, lists arrays, maps objects
 * (arrays of pairs when the key is no text); bytes are base64; what JSON has no form for (`NaN`, intervals) is the engine's text.
 */
export function converterOf(type: DuckDBType): Convert {
  const convert = nonNull(type)
  return (value) => (value === null || value === undefined ? null : convert(value))
}

const numeric = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
])

function nonNull(type: DuckDBType): Convert {
  if (type instanceof DuckDBListType) return items(converterOf(type.valueType))
  if (type instanceof DuckDBArrayType) return items(converterOf(type.valueType))
  if (type instanceof DuckDBStructType) return struct(type)
  if (type instanceof DuckDBMapType) return map(type)
  if (type.typeId === DuckDBTypeId.BOOLEAN || type.typeId === DuckDBTypeId.VARCHAR) return (value) => value
  return numeric.has(type.typeId) ? finite : scalar
}

const items =
  (convert: Convert): Convert =>
  (value) =>
    value instanceof DuckDBListValue || value instanceof DuckDBArrayValue
      ? value.items.map((item) => convert(item))
      : String(value)

function struct(type: DuckDBStructType): Convert {
  const fields = type.entryNames.map((name, index) => ({ name, convert: converterOf(type.entryTypes[index] as DuckDBType) }))
  return (value) => {
    if (!(value instanceof DuckDBStructValue)) return String(value)
    const { entries } = value
    return Object.fromEntries(fields.map(({ name, convert }) => [name, convert(entries[name] as DuckDBValue)]))
  }
}

function map(type: DuckDBMapType): Convert {
  const [key, entry] = [converterOf(type.keyType), converterOf(type.valueType)]
  const asObject = type.keyType.typeId === DuckDBTypeId.VARCHAR
  return (value) => {
    if (!(value instanceof DuckDBMapValue)) return String(value)
    const pairs = value.entries.map((each) => [key(each.key), entry(each.value)] as const)
    return asObject ? Object.fromEntries(pairs) : pairs
  }
}

const finite: Convert = (value) => (Number.isFinite(value) ? value : String(value))

function scalar(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value.toString()
  if (value instanceof DuckDBDecimalValue) return Number(value.toString())
  if (value instanceof DuckDBTimestampTZValue) return instant(value.micros, 'Z')
  if (value instanceof DuckDBTimestampValue) return instant(value.micros, '')
  if (value instanceof DuckDBDateValue) return value.toString()
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return String(value)
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
}

const furthest = 8_640_000_000_000_000_000n

function instant(micros: bigint, zone: string): string {
  if (micros > furthest || micros < -furthest) return micros > 0n ? 'infinity' : '-infinity'
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const text = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, -1)
  return `${text}${rest === 0n ? '' : rest.toString().padStart(3, '0').replace(/0+$/, '')}${zone}`
}
