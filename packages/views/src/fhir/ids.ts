/**
 * The characters of an id in a reference, as the inside of a character class that RE2, Java and JavaScript read alike: visible
 * ASCII but those that a reference would break at (`/ ? # " < >` and the backslash). R4 allows letters, digits, `-` and `.`;
 * servers also send `_`, `:` and the like.
 */
const CHARACTERS = String.raw`!$-.0-;=@-Z\[\]-~`

/** An id, as a regular expression. */
export const ID_PATTERN: string = `[${CHARACTERS}]{1,64}`
