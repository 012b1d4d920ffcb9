import { join } from 'node:path'
import type { Gallery, ListedPerson } from '@arcface/gallery'
import { type Command, Option } from 'commander'
import { opened } from '../model/gallery.js'
import { addKey, type KeyOptions, keysOf } from '../model/gallery-key.js'
import { addKeeping, consentText, type KeepingOptions, keepingOf } from '../model/keeping.js'
import { addRecognizer } from '../model/recognizer.js'
import { addThreshold } from '../model/thresholds.js'
import { time } from '../terminal/dates.js'
import { cosine } from '../terminal/numbers.js'
import { printable, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'
import { lines } from '../terminal/table.js'
import { counted, megabytes } from '../terminal/words.js'
import { cluster } from './gallery-cluster.js'
import { encrypt, rekey } from './gallery-encrypt.js'
import { addCompreface, importFrom } from './gallery-import.js'
import { addReceipt, type ReceiptFile, registerReceipt, withReceipt } from './gallery-receipt.js'
import { sweep } from './gallery-sweep.js'

/** People that are listed at once. */
const PAGE = 1000

interface Json extends KeyOptions {
  json?: boolean
}

export function register(program: Command): void {
  const gallery = program
    .command('gallery')
    .description('Look at and change a gallery of people')
    .addHelpText('after', '\nExample:\n  $ arcface gallery list people')
  const add = (name: string, description: string, example: string) =>
    addKey(gallery.command(name).description(description))
      .argument('<gallery>', 'its folder, or s3://...')
      .option('--json', 'print the result as one JSON object')
      .addHelpText('after', `\nExample:\n  $ arcface gallery ${example}`)
  add('list', 'Everybody, with groups and number of faces', 'list people --group staff')
    .option('--group <name>', 'only people in this group; several times: in all of them', repeated)
    .action(list)
  add('show', 'One person with all faces', 'show people "Ada Lovelace"')
    .argument('<name>')
    .option(
      '--thumbnails <folder>',
      'write the faces that enroll --thumbnails has kept: <face>.jpg',
    )
    .action(show)
  add('stats', 'Model, counts, size', 'stats people').action(stats)
  const describing = add(
    'describe',
    'Replace groups, metadata, consent or how long somebody is kept',
    'describe people Ada --group staff --consent-basis consent --consent-expires 2028-01-31',
  )
    .argument('<name>')
    .option('--group <name>', 'a group; several times: all of them', repeated)
    .option('--metadata <json>', 'an object of JSON')
  addKeeping(describing)
    .option('--no-consent', 'take the consent away')
    .option('--no-retain-until', 'keep the person for as long as nothing else says')
    .action(describe)
  add('rename', 'Give a person another name', 'rename people Ada "Ada Lovelace"')
    .argument('<name>')
    .argument('<to>')
    .action((path: string, name: string, to: string, options: Json) =>
      change(path, options, { renamed: name, to }, (one) => one.rename(name, to)),
    )
  add('merge', 'Give all faces of a person to another', 'merge people "A. Lovelace" Ada')
    .argument('<name>')
    .argument('<into>')
    .action((path: string, name: string, into: string, options: Json) =>
      change(path, options, { merged: name, into }, (one) => one.merge(name, into)),
    )
  add('move', 'Give a face to another person', 'move people 0b9ee0a2-... Grace')
    .argument('<face>', 'its id, see gallery show')
    .argument('<to>', 'who has it then')
    .option('--new', 'a person who is not there yet')
    .action((path: string, face: string, to: string, options: Json & { new?: boolean }) =>
      change(path, options, { moved: face, to }, async (one) => {
        await one.checkIds([face])
        if (options.new) await one.addPeople([{ name: to }])
        await one.moveFaces([face], to)
      }),
    )
  const deleting = add(
    'delete',
    'Delete people and the bytes of their faces, or single faces',
    'delete people Ada Grace\n  $ arcface gallery delete people --face 0b9ee0a2-...',
  )
    .argument('[names...]')
    .option('--face <id>', 'a face, see gallery show; may be repeated', repeated)
  addReceipt(deleting).action(deleteFrom)
  const sweeping = add(
    'sweep',
    'Erase people whose consent or retention has ended; a timer may call it',
    'sweep people --dry-run\n  $ arcface gallery sweep people --receipt swept.json',
  )
    .option('--dry-run', 'say who is due, and erase nobody')
    .option('--at <time>', 'with --dry-run: who is due then', time)
    .option('--trust-clock', 'though the gallery was written to later than the clock says')
  addReceipt(sweeping).action(sweep)
  registerReceipt(gallery)
  add(
    'purge',
    'Remove bytes that a deletion cut short or a rename has left',
    'purge people',
  ).action((path: string, options: Json) =>
    change(path, options, { purged: path }, (one) => one.purge()),
  )
  add('export', 'Everything into a .jsonl or .parquet', 'export people people.parquet')
    .argument('<file>')
    .option('--readable', 'of a damaged gallery what can be read')
    .action(exportTo)
  add(
    'encrypt',
    'Make a plain gallery an encrypted one, in its folder',
    'encrypt people --key-file people.key',
  ).action(encrypt)
  add(
    'rekey',
    'Change the key of an encrypted gallery, or the rotation of its embeddings',
    'rekey people --key-file people.key --new-key-file new.key',
  )
    .addOption(
      new Option('--new-key-file <file>', 'the key that it is to have').conflicts('newKeyCommand'),
    )
    .option('--new-key-command <command>', 'the command of the key that it is to have')
    .addOption(
      new Option(
        '--new-rotation-key <file>',
        'turn its embeddings by a new rotation of this key, also where they were as they came',
      ).conflicts(['newKeyFile', 'newKeyCommand']),
    )
    .action(rekey)
  add('check', 'Read everything, and say what cannot be read', 'check people').action(check)
  const importing = add(
    'import',
    'Add what was exported, or the people of a running CompreFace; makes the gallery',
    'import people people.parquet\n  $ arcface gallery import people --compreface http://localhost:8000 --key 6b135f5b-...',
  ).argument('[file]')
  addCompreface(importing).action(importFrom)
  add('duplicates', 'Pictures enrolled twice, faces alike under two people', 'duplicates people')
    .option('--threshold <cosine>', 'faces of two people are alike above it', cosine, 0.6)
    .action(duplicates)
  const clustering = add(
    'cluster',
    'Who of a folder is unknown, and who is the same',
    'cluster people photos',
  ).argument('<photos>', 'a folder of photographs')
  addRecognizer(addThreshold(clustering, { fpir: true })).action(cluster)
}

function print(json: boolean | undefined, result: object, text: string): void {
  writeOut(json ? `${JSON.stringify(result)}\n` : text)
}

async function list(
  path: string,
  { group, json, ...options }: Json & { group?: string[] },
): Promise<void> {
  await opened(path, options, async (gallery) => {
    const everybody: ListedPerson[] = []
    for await (const people of pagesOf(gallery, group))
      if (json) everybody.push(...people)
      else writeOut(people.map(rowOf).join(''))
    if (json) writeOut(`${JSON.stringify({ people: everybody })}\n`)
  })
}

async function* pagesOf(gallery: Gallery, groups: string[] | undefined) {
  const asked = { limit: PAGE, ...(groups && { groups }) }
  let people = await gallery.people(asked)
  yield people
  while (people.length === PAGE) {
    people = await gallery.people({ ...asked, after: people.at(-1)!.name })
    yield people
  }
}

function rowOf({ name, faces, groups }: ListedPerson): string {
  const columns = [printable(name), counted(faces, 'face'), groups.map(printable).join(', ')]
  return `${columns.join('\t').trimEnd()}\n`
}

async function show(
  path: string,
  name: string,
  { thumbnails, json, ...options }: Json & { thumbnails?: string },
): Promise<void> {
  const { person, found, pictures } = await opened(path, options, async (gallery) => {
    const person = await gallery.person(name)
    const found = await gallery.faces(name)
    const shown = json || thumbnails !== undefined
    const pictures = await gallery.thumbnails(shown ? found.map(({ id }) => id) : [])
    return { person, found, pictures }
  })
  if (thumbnails !== undefined) {
    const { makeFolder, writeWhole } = await import('@arcface/files')
    makeFolder(thumbnails, 0o700)
    // An id may be the caller's own, and no path must come of it.
    for (const [id, picture] of pictures)
      writeWhole(join(thumbnails, `${id}.jpg`), picture, { isPrivate: true })
  }
  const faces = found.map(({ id, source, added }) => {
    const picture = pictures.get(id)
    const thumbnail = picture ? Buffer.from(picture).toString('base64') : null
    return { id, source, added, thumbnail }
  })
  const text = lines([
    ['name', person.name],
    ['groups', person.groups.join(', ') || '-'],
    ['metadata', JSON.stringify(person.metadata)],
    ['added', person.added.toISOString()],
    ...(person.consent ? [['consent', consentText(person.consent)] as const] : []),
    ...(person.retainUntil ? [['kept until', person.retainUntil.toISOString()] as const] : []),
    ...faces.map(({ id, source }) => [`face ${id}`, source ?? '-'] as const),
  ])
  print(json, { ...person, faces }, text)
}

async function stats(path: string, { json, ...options }: Json): Promise<void> {
  const result = await opened(path, options, async (gallery) => ({
    ...(await gallery.stats()),
    encrypted: gallery.encrypted,
  }))
  const { model, people, faces, search, bytes, encrypted } = result
  const text = lines([
    ['model', `${model.name}, ${model.dim} numbers, sha-256 ${model.sha256}`],
    ['people', `${people}`],
    ['faces', `${faces}`],
    ['search', search === 'exact' ? 'every face is compared' : 'by an index'],
    ['on disk', bytes === null ? 'not known' : megabytes(bytes)],
    ['encrypted', encrypted ? 'yes' : 'no'],
  ])
  print(json, result, text)
}

async function describe(
  path: string,
  name: string,
  options: Json &
    Omit<KeepingOptions, 'retainUntil'> & {
      group?: string[]
      metadata?: string
      consent: boolean
      retainUntil?: Date | false
    },
  command: Command,
): Promise<void> {
  const { group, metadata, consent, retainUntil, ...keeping } = options
  if (!consent && keeping.consentBasis !== undefined)
    command.error('error: give a consent, or --no-consent')
  let parsed: unknown
  try {
    parsed = metadata === undefined ? undefined : JSON.parse(metadata)
  } catch {
    command.error('error: --metadata must be JSON')
  }
  if (
    parsed !== undefined &&
    (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
  )
    command.error('error: --metadata must be an object of JSON')
  await change(path, options, { described: name }, (gallery) =>
    gallery.describe(name, {
      ...(group && { groups: group }),
      ...(parsed !== undefined && { metadata: parsed as Record<string, unknown> }),
      ...keepingOf(retainUntil ? { ...keeping, retainUntil } : keeping, command),
      ...(!consent && { consent: null }),
      ...(retainUntil === false && { retainUntil: null }),
    }),
  )
}

async function change(
  path: string,
  { json, ...options }: Json,
  what: Record<string, string | string[]>,
  work: (gallery: Gallery) => Promise<void>,
): Promise<void> {
  await opened(path, options, work)
  const text = Object.entries(what).map(
    ([verb, whom]) => `${verb} ${[whom].flat().map(printable).join(', ')}`,
  )
  print(json, what, `${text.join(' ')}\n`)
}

async function deleteFrom(
  path: string,
  names: string[],
  { face: ids, json, ...to }: Json & ReceiptFile & { face?: string[] },
  command: Command,
): Promise<void> {
  if (names.length > 0 === (ids !== undefined))
    command.error('error: give names, or faces with --face')
  const options = { ...to, ...(json && { json }) }
  if (ids === undefined) {
    const { receipt } = await withReceipt(path, 'asked', to, command, () =>
      opened(path, options, async (one) => {
        // The search of all files is for who wants it told.
        if (to.receipt !== undefined) return { erasure: await one.erase(names) }
        await one.delete(names)
        return { erasure: null }
      }),
    )
    const text = `deleted ${names.map(printable).join(', ')}\n`
    print(json, { deleted: names, ...(receipt && { receipt }) }, text)
  } else if (to.receipt !== undefined)
    command.error('error: --receipt is of people, not of single faces')
  else
    await change(path, options, { deleted: ids }, async (one) => {
      await one.checkIds(ids)
      await one.deleteFaces(ids)
    })
}

async function check(path: string, { json, ...options }: Json): Promise<void> {
  const { checkGallery } = await import('@arcface/gallery')
  const { ok, unopened, ...tables } = await checkGallery(path, keysOf(options))
  if (!ok) process.exitCode = 1
  const shown = Object.entries(tables).map(
    ([name, { ranges: _, ...table }]) => [name, table] as const,
  )
  const all = unopened ? 'there; they are sealed, and were not opened without the key' : 'readable'
  const text = lines(
    shown.map(([name, { readable, trouble }]) => [
      name,
      trouble === null ? `${counted(readable, 'row')}, all ${all}` : printable(trouble),
    ]),
  )
  const help = ok
    ? ''
    : `arcface gallery export ${printable(path)} FILE --readable saves what can be read\n`
  print(json, { ok, unopened, ...Object.fromEntries(shown) }, text + help)
}

async function exportTo(
  path: string,
  file: string,
  { readable, json, ...options }: Json & { readable?: boolean },
): Promise<void> {
  const { exportGallery, exportReadable } = await import('@arcface/gallery')
  if (readable) {
    const faces = await exportReadable(path, file, keysOf(options))
    print(json, { file, faces }, `${file}: ${counted(faces, 'face')}\n`)
    return
  }
  const faces = await opened(path, options, (gallery) => exportGallery(gallery, file))
  print(json, { file, faces }, `${file}: ${counted(faces, 'face')}\n`)
}

async function duplicates(
  path: string,
  { threshold, json, ...options }: Json & { threshold: number },
): Promise<void> {
  const found = await opened(path, options, (gallery) => gallery.duplicates(threshold))
  const rows = found.map(({ kind, similarity, a, b }) => {
    const [first, second] = [a, b].map(({ person, source, id }) =>
      printable(`${person} (${source ?? id})`),
    )
    return `${kind}\t${similarity.toFixed(4)}\t${first}\t${second}\n`
  })
  print(json, { duplicates: found }, rows.join('') || 'none\n')
}
