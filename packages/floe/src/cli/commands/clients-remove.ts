import { usageError } from '../../errors.ts'
import { removeClient } from '../../jobs/clients.ts'
import { openControl } from '../../jobs/control.ts'
import type { RunCommand } from '../command.ts'
import { needed } from '../needed.ts'
import { pasted } from '../paths.ts'
import { openLakeOf } from './with-lake.ts'

/** Takes a client away, and with it its tokens. */
export const run: RunCommand = async (context) => {
  const { ui, cwd } = context
  const id = needed(context, 'id', 'clients remove', 'floe clients remove … --id research')
  await using lake = await openLakeOf(context, 'clients remove')
  using control = openControl(lake.dir)
  if (!removeClient(control, id)) {
    throw usageError('there is no client of that id', `floe clients list --lake ${pasted(cwd, lake.dir)}`)
  }
  ui.result({ removed: id })
  ui.say(`${id} may no longer call the server`)
  return 0
}
