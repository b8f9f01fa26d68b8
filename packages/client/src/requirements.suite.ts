import { type FakeOptions, type FakeServer, lines, type Seen, startFake } from './bulk-server.suite.ts'
import { attempt, type Trial, type TrialOptions, tempBench } from './test-run.suite.ts'

/** What came of one export, and what the server saw of it. */
export interface Outcome extends Trial {
  server: FakeServer
  dest: string
  asked: (prefix: string) => Seen[]
}

/** Runs one export against a fake server with two Patients unless told otherwise. */
export async function run(
  options: FakeOptions,
  trial: TrialOptions,
  check: (outcome: Outcome) => void | Promise<void>,
): Promise<void> {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 2) }], ...options })
  const asked = (prefix: string): Seen[] => server.seen.filter(({ method, path }) => `${method} ${path}`.startsWith(prefix))
  await check({ ...(await attempt(server, bench.dest, trial)), server, dest: bench.dest, asked })
}
