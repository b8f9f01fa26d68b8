import { Argument, Command, CommanderError, Help, Option } from 'commander'
import { nearest } from '../config/nearest.ts'
import { flagOf, type OptionSpec, placeholderOf } from '../config/option.ts'
import { options, optionsOf, plainSpelling, spellings } from '../config/options.ts'
import { type FloeError, usageError } from '../errors.ts'
import type { CommandSpec } from './command.ts'
import { commands, families } from './commands.ts'

/** What the command line asks for. */
export type Invocation =
  | {
      readonly kind: 'run'
      readonly spec: CommandSpec
      readonly args: readonly string[]
      readonly flags: Flags
      readonly verbosity: number
    }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: 0 | 2 }

export type Flags = Readonly<Record<string, unknown>>

/** The type of an option whose flag takes a value that may hold anything, so that commander collects what is repeated. */
function collects(spec: OptionSpec): boolean {
  return spec.type === 'list' || spec.type === 'repeat'
}

function commanderOption(spec: OptionSpec): Option {
  const placeholder = placeholderOf(spec)
  const value = placeholder === '' ? '' : spec.type === 'flag-or-text' ? `[${placeholder}]` : `<${placeholder}>`
  const option = new Option(
    `${spec.short === undefined ? '' : `-${spec.short}, `}${flagOf(spec)} ${value}`.trimEnd(),
    describe(spec),
  )
  if (collects(spec)) option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
  if (spec.key === 'verbose') option.argParser((_: string, before: number | undefined) => (before ?? 0) + 1)
  return option.helpGroup(`${spec.group}:`)
}

/** Help text with default and choices where they tell something. */
export function describe(spec: OptionSpec): string {
  const shown = spec.type === 'flag' ? undefined : (spec.default ?? spec.defaultText)
  const repeated = spec.type === 'repeat' ? ' (repeat it)' : ''
  const fallback = shown === undefined ? (spec.defaultText ?? '') : shown
  return `${spec.help}${repeated}${fallback === '' ? '' : ` [${fallback}]`}`
}

/** Commander takes `FOLDER…` apart into name, whether it must be there and whether it repeats. */
function argumentsOf(text: string): Argument[] {
  return text.split(' ').flatMap((word) => {
    if (word === '') return []
    const name = word.replace(/[[\]…]/g, '')
    const dots = word.includes('…') ? '...' : ''
    return [new Argument(word.startsWith('[') ? `[${name}${dots}]` : `<${name}${dots}>`)]
  })
}

class FloeHelp extends Help {
  override optionTerm(option: Option): string {
    const term = option.flags.replace(/[<>]/g, '').replace(/ \[(.*)\]$/, '[=$1]')
    return option.short === undefined ? `    ${term}` : term
  }
  override argumentTerm(argument: Argument): string {
    return argument.name()
  }
  override subcommandTerm(command: Command): string {
    return command.name()
  }
}

function exampleText(spec: CommandSpec): string {
  return `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`
}

/** Builds the whole command line; `chosen` is called with what is to run. */
function buildProgram(version: string, chosen: (invocation: Invocation) => void): Command {
  const program = new Command('floe')
    .description('FHIR bulk data out of EHRs, verified, in an open lakehouse.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {} })
  program.createHelp = () => Object.assign(new FloeHelp(), { showGlobalOptions: false })
  program.helpCommand(false)
  const parents = new Map<string, Command>([['', program]])
  for (const spec of commands) {
    const [first = '', second] = spec.name.split(' ')
    let parent = program
    if (second !== undefined) {
      parent = parents.get(first) ?? family(program, first, spec.group)
      parents.set(first, parent)
    }
    const command = new Command(second ?? first)
      .copyInheritedSettings(program)
      .summary(spec.summary)
      .description(sentence(spec.summary))
    command.createHelp = program.createHelp
    command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Every command:')).helpGroup(`${spec.group}:`)
    for (const argument of argumentsOf(spec.args)) command.addArgument(argument)
    command.usage(`${spec.args}${spec.args === '' ? '' : ' '}[options]`)
    for (const option of optionsOf(spec.name)) command.addOption(commanderOption(option))
    command.addHelpText('after', exampleText(spec))
    command.action(() =>
      chosen({ kind: 'run', spec, args: command.args, flags: given(command), verbosity: Number(command.opts().verbose ?? 0) }),
    )
    parent.addCommand(command)
  }
  program.addHelpText('after', '\nfloe <command> --help tells its options. New here: floe demo')
  return program
}

function family(program: Command, name: string, group: string): Command {
  const command = new Command(name).copyInheritedSettings(program).description(sentence(families[name] ?? ''))
  command.createHelp = program.createHelp
  command
    .helpGroup(`${group}:`)
    .helpCommand(false)
    .summary(families[name] ?? '')
  command.helpOption('-h, --help', 'show this help')
  program.addCommand(command)
  return command
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function given(command: Command): Flags {
  const values = Object.entries(command.opts()).filter(([key]) => command.getOptionValueSource(key) === 'cli')
  return Object.fromEntries(values.map(([key, value]) => [key, key === 'verbose' ? true : value]))
}

/** Which command a command line names, as far as it can be told before parsing. */
export function namedCommand(argv: readonly string[]): CommandSpec | undefined {
  const words = argv.filter((word) => !word.startsWith('-'))
  return commands.find((spec) => spec.name === `${words[0]} ${words[1]}`) ?? commands.find((spec) => spec.name === words[0])
}

/**
 * Brings every accepted spelling to the one that commander knows: `--_typeFilter`, `--smart-jwks`, `--smart_client_id`;
 * `--resume` without `=` takes the next word only where that cannot be the address or the folder; options before the verb go
 * after it.
 */
export function normalise(argv: readonly string[]): string[] {
  const own = namedCommand(argv)
  // One word may be an option of one command and an alias of another's.
  const known = new Map([...spellings(options), ...(own === undefined ? [] : spellings(optionsOf(own.name)))])
  const end = argv.indexOf('--')
  const head = joinJobUrl(end < 0 ? argv : argv.slice(0, end), known)
  const words = head.map((word) => {
    // SQL that begins with a comment: no option has a space there.
    if (/^--\s/.test(word)) return ` ${word}`
    const match = /^--([^=]+)(=.*)?$/s.exec(word)
    if (match === null) return word
    const [, name = '', value] = match
    const spec = known.get(name) ?? known.get(plainSpelling(name))
    if (spec === undefined) return word
    return `${flagOf(spec)}${value ?? (spec.type === 'flag-or-text' ? '=' : '')}`
  })
  if (words[0] === 'help') return [...words.slice(1), '--help']
  const verb = words.findIndex((word) => !word.startsWith('-'))
  const common = words.slice(0, Math.max(0, verb))
  const moved = verb > 0 && common.every((word) => ['--json', '--verbose', '--quiet'].includes(word) || /^-[vq]+$/.test(word))
  const ordered = moved ? [...words.slice(verb), ...common] : words
  return [...ordered, ...(end < 0 ? [] : argv.slice(end))]
}

/**
 * `--resume URL`, as Cumulus ETL prints it: a job's address where the FHIR address has come already, or where it is encoded. It
 * must not end as an argument too many, which would be shown.
 */
function joinJobUrl(argv: readonly string[], known: ReadonlyMap<string, OptionSpec>): string[] {
  const isUrl = (word: string | undefined): boolean => /^https?:\/\//i.test(word ?? '')
  const isServer = (before: string | undefined): boolean =>
    before === undefined || !before.startsWith('-') || /^(-f|--(fhir-url|json|quiet|verbose|system|global)|-[vq]+)$/.test(before)
  const words: string[] = []
  for (const word of argv) {
    const last = words.at(-1) ?? ''
    const isJob = /^--[^=]+$/.test(last) && known.get(plainSpelling(last.slice(2)))?.type === 'flag-or-text'
    const hasServer = words.some((one, index) => isUrl(one) && isServer(words[index - 1]))
    if (isJob && (/^https?%3a/i.test(word) || (isUrl(word) && hasServer))) words[words.length - 1] = `${last}=${word}`
    else words.push(word)
  }
  return words
}

/** The command line as what to run or print; a wrong one throws a usage error that names the nearest spelling. */
export function parseCommandLine(argv: readonly string[], version: string): Invocation {
  let found: Invocation | undefined
  let printed = ''
  const program = buildProgram(version, (invocation) => {
    found = invocation
  })
  const capture = { writeOut: (text: string) => (printed += text), writeErr: () => {}, outputError: () => {} }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    command.configureOutput(capture)
  if (argv.length === 0) return { kind: 'print', text: program.helpInformation(), exitCode: 0 }
  try {
    program.parse(normalise(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'print', text: printed, exitCode: 0 }
    throw explain(error, argv)
  }
  return found ?? { kind: 'print', text: program.helpInformation(), exitCode: 2 }
}

function explain(error: CommanderError, argv: readonly string[]): FloeError {
  const spec = namedCommand(argv)
  const help = `floe ${spec === undefined ? '' : `${spec.name} `}--help`
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOption(quoted, spec, help)
    case 'commander.unknownCommand':
      return unknownCommand(quoted, argv, help)
    case 'commander.missingArgument':
      return usageError(`${spec?.name ?? 'the command'} needs ${quoted.replace(/\.\.\.$/, '')}`, spec?.examples[0] ?? help)
    case 'commander.optionMissingArgument':
      return usageError(`${quoted.replace(/[<>[\]]/g, '')}: the value is missing`, help)
    case 'commander.excessArguments': {
      const extra = /got \d+: (.*)\.$/s.exec(error.message)?.[1]
      return usageError(
        `too many arguments${extra === undefined ? '' : `: ${extra}`}`,
        `${help}   # quote what belongs together; repeat an option for each of its values`,
      )
    }
    case 'commander.help':
      return familyHelp(argv, help)
    default:
      return usageError(error.message.replace(/^error: /, ''), help)
  }
}

function familyHelp(argv: readonly string[], help: string): FloeError {
  const name = argv.find((word) => !word.startsWith('-')) ?? ''
  const members = commands.filter((spec) => spec.name.startsWith(`${name} `))
  if (members.length === 0) return usageError('no command given', 'floe --help')
  const names = members.map((spec) => spec.name.slice(name.length + 1))
  return usageError(`${name} needs one of ${names.join(', ')}`, members[0]?.examples[0] ?? help)
}

function unknownOption(flag: string, spec: CommandSpec | undefined, help: string): FloeError {
  const own = spec === undefined ? [] : optionsOf(spec.name)
  const near = nearest(plainSpelling(flag.replace(/^-+/, '')), spellings(own).keys())
  const elsewhere = spellings(options).get(flag.replace(/^--/, ''))
  const evidence =
    elsewhere === undefined || own.includes(elsewhere) ? [] : [`${flagOf(elsewhere)} belongs to ${elsewhere.commands.join(', ')}`]
  const suggestion = near === undefined ? '' : ` (did you mean --${near}?)`
  return usageError(`unknown option ${flag}${suggestion}`, help, evidence)
}

function unknownCommand(word: string, argv: readonly string[], help: string): FloeError {
  const family = argv.find((argument) => !argument.startsWith('-')) ?? ''
  if (family !== word && commands.some((spec) => spec.name.startsWith(`${family} `))) return familyHelp(argv, help)
  const names = commands.flatMap((spec) => spec.name.split(' ').slice(0, 1))
  const near = nearest(word, new Set(names))
  return usageError(
    `unknown command ${word}${near === undefined ? '' : ` (did you mean ${near}?)`}`,
    near === undefined ? 'floe --help' : `floe ${near} --help`,
  )
}
