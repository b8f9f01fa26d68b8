import { listClients } from '../../jobs/clients.ts'
import { openControl } from '../../jobs/control.ts'
import type { RunCommand } from '../command.ts'
import { pasted } from '../paths.ts'
import { type Column, table } from '../ui/table.ts'
import { clientObject } from './clients-add.ts'
import { openLakeOf } from './with-lake.ts'

const columns: readonly Column[] = ['client', 'scopes', 'Groups', 'keys'].map((title) => ({ title }))

/** Who may call the server of a lake. */
export const run: RunCommand = async (context) => {
  const { ui, cwd } = context
  await using lake = await openLakeOf(context, 'clients list')
  using control = openControl(lake.dir)
  const clients = listClients(control)
  ui.result({ clients: clients.map(clientObject) })
  if (clients.length === 0) {
    ui.say(
      'no clients yet',
      `  floe clients add --lake ${pasted(cwd, lake.dir)} --id ID --jwks public.json --scope "system/*.rs"`,
    )
    return 0
  }
  const rows = clients.map(({ id, scope, groups, jwks, jwksUrl, external }) => [
    id,
    scope,
    groups.length === 0 ? 'all' : groups.join(', '),
    external === true ? 'of the issuer' : (jwksUrl ?? `${jwks?.keys.length ?? 0} by value`),
  ])
  ui.say(...table(columns, rows, { indent: ' ', width: ui.width }))
  return 0
}
