import { setImmediate as nextTurn } from 'node:timers/promises'
import { DAY, type Minutes, YEAR } from './clock.ts'
import { SynthesisError } from './errors.ts'
import { writeHistory } from './history.ts'
import { deletionBundle, writeLater } from './later.ts'
import type { SynthesizeOptions } from './options.ts'
import { makePerson } from './person.ts'
import type { Random } from './random.ts'
import type { ResourceType, Written } from './recorder.ts'
import { type Export, GROUP, type Run } from './run.ts'
import type { World } from './world.ts'

/** Deletions a Bundle. */
const BUNDLE = 500

/** Collects deletions into Bundles. */
function bundler(
  { writer, until }: Export,
  asOf: Minutes,
  random: Random,
): { add(type: ResourceType, id: string): void; end(): void; deleted: number } {
  let urls: string[] = []
  return {
    deleted: 0,
    add(type, id) {
      urls.push(`${type}/${id}`)
      this.deleted += 1
      if (urls.length >= BUNDLE) this.end()
    },
    end() {
      if (urls.length === 0) return
      writer.append(
        'deleted/Bundle',
        deletionBundle(random.uuid(), asOf + Math.floor((0.9 + 0.1 * random.next()) * (until - asOf - 10)), urls),
      )
      urls = []
    },
  }
}

const groupBody = (members: readonly string[], inactive: number): string =>
  `"identifier":[{"system":"http://hospital.example.org/group","value":"${GROUP}"}],"active":true,"type":"person","actual":true,"name":"All patients","quantity":${members.length - inactive},"member":[${members.map((id) => `{"entity":{"reference":"Patient/${id}"}}`).join(',')}]`

interface Progress {
  readonly onProgress: SynthesizeOptions['onProgress']
  readonly signal: AbortSignal | undefined
}

/** Writes everybody, one after the other: memory holds one person, the world, and the ids of the members. */
export async function writePeople(run: Run, world: World, { onProgress, signal }: Progress): Promise<number> {
  const { patients, root, asOfMinutes, years, first, later } = run
  const members: string[] = []
  const stillThere: string[] = []
  const bundle = later === undefined ? undefined : bundler(later, asOfMinutes, root.fork(3))
  const from = asOfMinutes - Math.floor(years * YEAR)
  for (let number = 0; number < patients; number++) {
    const person = makePerson({ number, root, world, asOf: asOfMinutes, years })
    const written: Written[] | undefined = later === undefined ? undefined : []
    first.recorder.begin({
      random: person.random.fork(5),
      olderVersions: 24,
      ...(written === undefined ? {} : { keep: written }),
    })
    const { chart, open } = writeHistory({
      person,
      world,
      recorder: first.recorder,
      from,
      asOf: asOfMinutes,
      ...(written === undefined ? {} : { written }),
    })
    first.recorder.end()
    members.push(person.id)
    if (later !== undefined && bundle !== undefined && written !== undefined) {
      later.recorder.begin({ random: person.random.fork(6) })
      const stays = writeLater({
        number,
        chart,
        open,
        written,
        recorder: later.recorder,
        deletions: bundle,
        asOf: asOfMinutes,
        until: later.until,
      })
      if (stays) stillThere.push(person.id)
    }
    await first.writer.flush()
    await later?.writer.flush()
    if (number % 16 !== 15 && number !== patients - 1) continue
    onProgress?.({ patients: number + 1, totalPatients: patients, resources: first.writer.lines, bytes: first.writer.bytes })
    await nextTurn()
    if (signal?.aborted === true)
      throw new SynthesisError('interrupted', 'stopped before the population was whole', { cause: signal.reason, exitCode: 130 })
  }
  const group: Written[] = []
  first.recorder.begin({ random: root.fork(7), keep: group })
  first.recorder.write('Group', '', GROUP, groupBody(members, 0), asOfMinutes - 40 * DAY)
  if (later !== undefined) {
    newcomers(run, world, later, stillThere)
    const [known] = group
    if (known !== undefined) later.recorder.amend(known, groupBody(stillThere, 0), later.until - DAY)
    bundle?.end()
  }
  return bundle?.deleted ?? 0
}

/** People whose record begins between the exports: one in fifty, at least one. */
function newcomers(run: Run, world: World, later: Export, members: string[]): void {
  const { patients, root, asOfMinutes, years } = run
  for (let i = 0; i < Math.ceil(patients / 50); i++) {
    const made = makePerson({ number: patients + i, root, world, asOf: asOfMinutes, years })
    const person = { ...made, since: asOfMinutes + (1 + (i % 20)) * DAY, death: undefined }
    later.recorder.begin({ random: person.random.fork(6) })
    writeHistory({ person, world, recorder: later.recorder, from: asOfMinutes, asOf: later.until })
    members.push(person.id)
  }
}
