import { check, compile, ViewError } from '@floe/views'
import { resourceTypes } from '@floe/views/fhir'
import { usageError } from '../errors.ts'
import { jsonFiles } from '../gold/definitions.ts'
import type { Severity } from '../types.ts'
import { bundledRules } from './rules.ts'

/** A check of every resource of a type. */
export interface Rule {
  /** `[A-Za-z][A-Za-z0-9._-]{0,63}`; one of the user's takes the place of a bundled one with the same id. */
  readonly id: string
  readonly resource: string
  /**
   * FHIRPath: a resource fails where it is false; where it is empty nothing is told. `%now` is when its type was last written to
   * the lake. With `target` it gives keys (`getReferenceKey`) instead, each of which has to be the id of a resource of that type
   * and source.
   */
  readonly expression: string
  readonly target?: string
  /** `error` keeps the resource out of gold. */
  readonly severity: Severity
  readonly message: string
}

const severities: readonly string[] = ['error', 'warning', 'information']

/** The bundled rules and those of a folder (`*.json`: a rule, a list of rules, or `{ "rules": […] }`), checked. */
export async function chosenRules(rulesDir: string | undefined): Promise<Rule[]> {
  const rules = new Map(bundledRules.map((rule) => [rule.id, rule]))
  const own = new Set<string>()
  for (const { file, json } of rulesDir === undefined ? [] : await jsonFiles(rulesDir, 'rules')) {
    for (const [index, one] of listOf(json).entries()) {
      const rule = ruleOf(one, `${file}[${index}]`)
      if (own.has(rule.id)) throw usageError(`${file}[${index}]: there are two rules ${rule.id}`)
      own.add(rule.id)
      rules.set(rule.id, rule)
    }
  }
  return [...rules.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function listOf(json: unknown): unknown[] {
  if (Array.isArray(json)) return json
  const { rules } = (typeof json === 'object' && json !== null ? json : {}) as { rules?: unknown }
  return Array.isArray(rules) ? rules : [json]
}

function ruleOf(json: unknown, where: string): Rule {
  const fail = (what: string): never => {
    throw usageError(`${where}: ${what}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('a rule is a JSON object')
  const fields = json as Record<string, unknown>
  const text = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' && value !== '' ? value : fail(`${name} is missing`)
  }
  const [id, resource, severity] = [text('id'), text('resource'), text('severity')]
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(id)) fail(`id: ${JSON.stringify(id)} is no id of a rule`)
  if (!severities.includes(severity)) fail(`severity: ${JSON.stringify(severity)} is none of ${severities.join(', ')}`)
  const { target } = fields
  if (target !== undefined && (typeof target !== 'string' || !resourceTypes.has(target)))
    fail(`target: ${JSON.stringify(target)} is not a resource type of FHIR R4`)
  const rule: Rule = {
    ...{ id, resource, severity: severity as Severity, expression: text('expression'), message: text('message') },
    ...(typeof target === 'string' ? { target } : {}),
  }
  checkRule(rule, where)
  return rule
}

function checkRule(rule: Rule, where: string): void {
  const view = viewOf([rule])
  try {
    check(view)
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    const { expression, span, hint, reason } = error
    throw new ViewError(`${where}: rule ${rule.id}: ${reason}`, { path: 'expression', expression, span, hint, cause: error })
  }
  const column = compile(view, { source: { kind: 'table', sql: 'silver' } }).columns[1]
  if (rule.target === undefined && column?.type !== 'boolean')
    throw usageError(`${where}: rule ${rule.id}: the expression gives ${column?.type ?? 'nothing'}, not a boolean`)
  if (rule.target !== undefined && column?.type !== 'string')
    throw usageError(
      `${where}: rule ${rule.id}: with a target the expression gives keys: end it with getReferenceKey(${rule.target})`,
    )
}

/** Column of a rule: an error of the engine names it. */
export function columnOf({ id }: Rule, index: number): string {
  return `rule_${index}_${id.replaceAll(/[^A-Za-z0-9]/g, '_')}`
}

/** One view for all rules of a type: the columns `id` and one for each rule. `now` is `%now` in the expressions. */
export function viewOf(rules: readonly Rule[], now: Date = new Date(0)): object {
  return {
    resourceType: 'ViewDefinition',
    resource: rules[0]?.resource,
    constant: [{ name: 'now', valueDateTime: now.toISOString() }],
    select: [
      {
        column: [
          { name: 'id', path: 'id' },
          ...rules.map((rule, index) => ({
            ...{ name: columnOf(rule, index), path: rule.expression },
            ...(rule.target === undefined ? {} : { collection: true }),
          })),
        ],
      },
    ],
  }
}
