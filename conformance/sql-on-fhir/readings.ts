/** Where suite and specification disagree or leave something open: both readings, and the one that floe follows. */
export const READINGS: readonly {
  readonly topic: string
  readonly specification: string
  readonly suite: string
  readonly floe: string
}[] = [
  {
    topic: 'join() of an empty collection',
    specification: 'FHIRPath: a function on an empty collection gives an empty collection',
    suite: "fhirpath.json expects '' for a patient without names",
    floe: "follows the suite: ''",
  },
  {
    topic: 'where with a result that is not boolean',
    specification: 'FHIRPath: a single value of another type counts as true where a boolean is expected',
    suite: 'validate.json expects an error for where name.family',
    floe: 'follows the suite: an error as soon as a resource has such a value; criteria of FHIRPath functions follow FHIRPath',
  },
  {
    topic: 'unknown elements inside of repeat',
    specification: 'silent; elsewhere an unknown element is an error for a runner that knows the types',
    suite: 'repeat.json follows jurisdiction on a QuestionnaireResponse, and answer.item from the root, and expects no row',
    floe: 'follows the suite in the paths of repeat, refuses unknown elements everywhere else',
  },
  {
    topic: 'boundaries of a dateTime without zone',
    specification: 'FHIRPath: the precision asked for, zone left open',
    suite: 'fn_boundary.json expects +14:00 for the low and -12:00 for the high boundary',
    floe: 'follows the suite',
  },
  {
    topic: 'forEachOrNull over an empty collection with a forEach nested in it',
    specification: 'one row in which all columns below are null',
    suite: 'not tested; the reference implementation gives no row',
    floe: 'follows the specification, and %rowIndex is 0 in this row',
  },
  {
    topic: 'getReferenceKey() of what cannot be resolved (conditional, urn:, #contained)',
    specification: 'empty',
    suite: 'not tested; the reference implementation gives the last part of the text',
    floe: 'follows the specification',
  },
]
