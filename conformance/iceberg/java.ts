import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A Java 17, which Spark 4 needs; undefined when there is none. */
export async function javaHome(): Promise<string | undefined> {
  for (const home of [process.env.JAVA_HOME, '/usr/lib/jvm/java-17-openjdk-amd64', '/usr/lib/jvm/java-17-openjdk-arm64']) {
    if (home === undefined) continue
    const { stderr } = await promisify(execFile)(join(home, 'bin/java'), ['-version']).catch(() => ({ stderr: '' }))
    if (/version "17\./.test(stderr)) return home
  }
  return undefined
}
