import type { AuditFilter, AuditLine } from '@arcface/server'
import { type Command, InvalidArgumentError } from 'commander'
import { time } from '../terminal/dates.js'
import { printable, writeErr, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'
import { columns } from '../terminal/table.js'
import { register as registerInversion } from './audit-inversion.js'
import { register as registerLeaks } from './audit-leaks.js'
import { register as registerMembership } from './audit-membership.js'

interface Options {
  config?: string
  json?: boolean
}

interface Verifying extends Options {
  expect?: string[]
}

type Showing = Options & AuditFilter

export function register(program: Command): void {
  const audit = program
    .command('audit')
    .description('What a server keeps of who asked what; what a model gives away')
    .addHelpText('after', '\nExample:\n  $ arcface audit show --gallery staff')
  const add = (name: string, description: string, example: string) =>
    audit
      .command(name)
      .description(description)
      .argument('[folder]', "of the log (default: the configuration's)")
      .option('--config <file>', "the server's configuration")
      .option('--json', 'print the result as one JSON object')
      .addHelpText('after', `\nExample:\n  $ arcface audit ${example}`)
  add('verify', 'Whether the log is as it was written', 'verify')
    .option('--expect <hash>', 'a line of this hash has to be there; may be repeated', hashes)
    .action(verify)
  add('show', 'Its lines in the order of time', 'show --since 2027-01-31 --person Ada')
    .option('--since <time>', 'a day (UTC) or a time of ISO 8601', time)
    .option('--until <time>', 'before this day or time', time)
    .option('--key <id>', 'asked with this key')
    .option('--gallery <name>', 'of this gallery')
    .option('--person <name>', 'in which this person was found, or that concerned them')
    .option('--operation <text>', 'whose operation has this in it, such as identify')
    .action(show)
  registerMembership(audit)
  registerLeaks(audit)
  registerInversion(audit)
}

async function folderOf(folder: string | undefined, { config: path }: Options): Promise<string> {
  const { auditOf, loadConfig } = await import('@arcface/server')
  return folder ?? auditOf(loadConfig({ path }))
}

async function verify(given: string | undefined, options: Verifying): Promise<void> {
  const { verifyAudit } = await import('@arcface/server')
  const { chains, missing } = await verifyAudit(await folderOf(given, options), options.expect)
  const isGood = chains.every(({ problem }) => problem === null) && missing.length === 0
  if (!isGood) process.exitCode = 1
  if (options.json) {
    writeOut(`${JSON.stringify({ good: isGood, chains, missing })}\n`)
    return
  }
  const rows = chains.map(({ chain, segments, lines, from, to, head, problem }) => [
    ...[chain, problem ? 'CHANGED' : 'good', `${segments}`, `${lines}`],
    ...[from ?? '-', to ?? '-', head],
  ])
  const titles = ['CHAIN', 'STATE', 'FILES', 'LINES', 'FROM', 'TO', 'HASH OF THE LAST']
  writeOut(rows.length === 0 ? 'none\n' : columns([titles, ...rows]))
  for (const { problem } of chains)
    if (problem)
      writeErr(`${printable(problem.file)}, line ${problem.line}: ${printable(problem.why)}\n`)
  for (const hash of missing)
    writeErr(`no line has the hash ${hash}: lines were cut, or it is older than what is kept\n`)
}

async function show(given: string | undefined, options: Showing): Promise<void> {
  const { isWanted, readAudit, summaryOf } = await import('@arcface/server')
  const found: AuditLine[] = []
  for await (const line of readAudit(await folderOf(given, options)))
    if (isWanted(line, options)) found.push(line)
  if (options.json) {
    writeOut(`${JSON.stringify({ lines: found })}\n`)
    return
  }
  const titles = ['TIME', 'WHAT', 'GALLERY', 'KEY', 'STATUS', 'PEOPLE']
  const rows = found.map((line) => {
    const { what, gallery, key, status, people } = summaryOf(line)
    return [
      ...[line.time, what, gallery ?? '-', key ?? '-'],
      ...[`${status ?? '-'}`, people.join(', ') || '-'],
    ]
  })
  writeOut(rows.length === 0 ? 'none\n' : columns([titles, ...rows]))
}

function hashes(text: string, before?: readonly string[]): string[] {
  if (/^[0-9a-f]{64}$/.test(text)) return repeated(text, before ?? [])
  throw new InvalidArgumentError('It must be a hash as arcface audit verify prints it.')
}
