/**
 * All nodes of plain paths below a list of JSON texts, in one call to DuckDB's `json_tree`: to any depth. `$[0].item[1]` is the
 * place of a node; nodes sort by the numbers of path and place, which is pre-order in the order of the paths.
 */
export function tree(text: (value: string) => string, list: string, steps: readonly (readonly string[])[]): string {
  const quoted = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '.')
  const path = (names: readonly string[], place: string) => names.map((name) => `\\.${quoted(name)}(?:\\[${place}\\])?`).join('')
  const order = steps
    .map((names, index) => ({ index, names }))
    .sort((a, b) => b.names.length - a.names.length)
    .reduce((key, { index, names }) => {
      const numbers = `.${index}${names.map((_, at) => `.0\\${at + 1}`).join('')}`
      return `regexp_replace(${key}, ${text(path(names, '([0-9]+)'))}, ${text(numbers)}, 'g')`
    }, "regexp_replace(fullkey, '^\\$\\[([0-9]+)\\]', '\\1')")
  const numbers = `list_transform(string_split(${order}, '.'), lambda part: cast(part as integer))`
  const wanted = `regexp_full_match(fullkey, ${text(`\\$\\[[0-9]+\\](?:${steps.map((names) => path(names, '[0-9]+')).join('|')})*`)})`
  return `(select list(value order by ${numbers}) from json_tree(to_json(${list})) where type = 'OBJECT' and ${wanted})`
}
