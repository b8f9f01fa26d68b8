/**
 * SQL for the id that a literal reference to `type` names, relative or absolute, without its version; '' where it names none. Ids are taken
 * as widely as lines are (`a_b`, `1:2`): a resource that is loaded is found by what refers to it.
 */
export function referredId(type: string, reference: string): string {
  return `regexp_extract(${reference}, '(?:^|/)${type}/([^\\s"<>\\\\/?#]{1,64})(?:/_history/[^\\s/?#]{1,64})?$', 1)`
}
