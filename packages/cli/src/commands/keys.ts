import type { CheckedKey, KeyFile, Scope } from '@arcface/server'
import { type Command, InvalidArgumentError } from 'commander'
import { dateOf } from '../terminal/dates.js'
import { integer } from '../terminal/numbers.js'
import { printable, writeErr, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'
import { columns } from '../terminal/table.js'

interface Options {
  config?: string
  data?: string
  json?: boolean
}

interface Wanted extends Options {
  scope: Scope[]
  gallery?: string[]
  expires?: Date
  scores?: boolean
  rate?: number
}

const SCOPES: readonly Scope[] = ['read', 'identify', 'enroll', 'delete', 'admin']

export function register(program: Command): void {
  const keys = program
    .command('keys')
    .description('Keys of a server, which it takes from its clients')
    .addHelpText('after', '\nExample:\n  $ arcface keys list')
  const add = (name: string, description: string, example: string) =>
    keys
      .command(name)
      .description(description)
      .option('--config <file>', "the server's configuration")
      .option('--data <folder>', "the server's data folder (default: the configuration's)")
      .option('--json', 'print the result as one JSON object')
      .addHelpText('after', `\nExample:\n  $ arcface keys ${example}`)
  add('create', 'Make a key and print it, once', 'create gate --scope identify --gallery staff')
    .argument('<name>', 'what it is called in lists and in the log')
    .requiredOption('--scope <scope>', `may be repeated; one of ${SCOPES.join(', ')}`, scopes)
    .option('--gallery <name>', 'it is for this gallery; may be repeated (default: all)', repeated)
    .option('--expires <when>', 'a date, or after so many days: 90d (default: never)', moment)
    .option('--scores', 'similarities too; keys with the scope read or admin always have them')
    .option('--rate <number>', "requests a minute (default: the server's)", integer)
    .action(create)
  add('list', 'All keys, without what is secret', 'list').action(list)
  add('revoke', 'Refuse a key from now on', 'revoke 1f9d3c52')
    .argument('<id>', 'the first eight digits of the key')
    .action((id: string, options: Options) => change(id, options, 'revoke'))
  add('remove', 'Forget a key, also that it was there', 'remove 1f9d3c52')
    .argument('<id>', 'the first eight digits of the key')
    .action((id: string, options: Options) => change(id, options, 'remove'))
}

async function fileOf({ config: path, data }: Options): Promise<KeyFile> {
  const { KeyFile, keysOf, loadConfig } = await import('@arcface/server')
  const overrides = data === undefined ? [] : [`data=${JSON.stringify(data)}`]
  return new KeyFile(keysOf(loadConfig({ path, overrides })))
}

async function create(name: string, options: Wanted): Promise<void> {
  const { scope, gallery, expires, scores, rate } = options
  const file = await fileOf(options)
  const wanted = { name, scopes: scope, galleries: gallery, expires, scores, rate }
  const { text, key } = await file.create(wanted)
  if (options.json) {
    writeOut(`${JSON.stringify({ key: text, ...(await shown(key)) })}\n`)
    return
  }
  writeOut(`${text}\n`)
  writeErr(`It is kept nowhere: store it now. Its id is ${key.id}.\n`)
}

async function list(options: Options): Promise<void> {
  const file = await fileOf(options)
  const keys = await Promise.all((file.read() ?? []).map(shown))
  if (options.json) {
    writeOut(`${JSON.stringify({ keys })}\n`)
    return
  }
  const rows = keys.map(({ id, name, state, scopes, galleries, scores, rate, expires }) => [
    ...[id, name, state, scopes.join(' '), galleries?.join(' ') ?? 'all'],
    ...[scores ? 'yes' : 'no', rate?.toString() ?? '-', expires?.toISOString() ?? 'never'],
  ])
  const head = ['ID', 'NAME', 'STATE', 'SCOPES', 'GALLERIES', 'SCORES', 'RATE', 'EXPIRES']
  writeOut(keys.length === 0 ? 'none\n' : columns([head, ...rows]))
}

async function change(id: string, options: Options, how: 'revoke' | 'remove'): Promise<void> {
  const key = await (await fileOf(options))[how](id)
  const done = `${how}d`
  writeOut(
    options.json
      ? `${JSON.stringify({ [done]: key.id, name: key.name })}\n`
      : `${done} ${key.id} ${printable(key.name)}\n`,
  )
}

/** What of a key is no secret, and whether it is taken. */
async function shown(key: CheckedKey) {
  const { stateOf } = await import('@arcface/server')
  const { id, name, scopes, galleries, scores, rate, created, expires, revoked } = key
  return {
    id,
    name,
    state: stateOf(key),
    scopes,
    galleries,
    scores,
    rate,
    created,
    expires,
    revoked,
  }
}

function scopes(text: string, before: readonly Scope[] = []): Scope[] {
  const scope = SCOPES.find((one) => one === text)
  if (scope) return [...before, scope]
  throw new InvalidArgumentError(`It must be one of ${SCOPES.join(', ')}.`)
}

const DAY_MS = 86_400_000

/** When a key expires: `2027-01-31` (as that day begins, UTC), a time of ISO 8601, or days from now. */
function moment(text: string): Date {
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const when = days === undefined ? dateOf(text) : new Date(Date.now() + Number(days) * DAY_MS)
  if (when && when.getTime() > Date.now()) return when
  throw new InvalidArgumentError('It must be a day to come, as 2027-01-31, or days, as 90d.')
}
