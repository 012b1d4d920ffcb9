import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RECAPTURES } from '@arcface/data'
import { parsePack, pullPack } from '@arcface/recognize'
import { livenessNetwork, livenessPack } from '@arcface/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const photos = join(shared, 'faces/photos')
const detector = ['--detector', join(shared, 'models/yunet_s_640_640.onnx')]

const room = mkdtempSync(join(tmpdir(), 'pad-'))
const cache = join(room, 'cache')
afterAll(() => rmSync(room, { recursive: true }))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ARCFACE_CACHE: cache },
  })
  return { status, stdout, stderr }
}

/** MiniFASNet twice: as one network, and as two whose mean counts. */
async function install(name: string, crops: Readonly<Record<string, number>>): Promise<void> {
  const described = livenessPack([{ threshold: 0.5, measured: [] }], { name, crops })
  const pack = parsePack(described, 'the pack of a test')
  await pullPack(pack, { cache, allowUnverified: true })
}

describe.skipIf(!existsSync(photos) || !existsSync(livenessNetwork))('evaluate pad', () => {
  const [source, out, report] = ['photos', 'recaptured', 'report'].map((name) =>
    join(room, name),
  ) as [string, string, string]

  beforeAll(async () => {
    for (const person of readdirSync(photos).sort().slice(0, 2)) {
      const folder = join(source, person)
      mkdirSync(folder, { recursive: true })
      const [photo] = readdirSync(join(photos, person)).sort()
      copyFileSync(join(photos, person, photo!), join(folder, 'a.jpg'))
    }
    const grey = { width: 90, height: 90, channels: 3 as const, background: '#888' }
    await sharp({ create: grey }).png().toFile(join(source, 'wall.png'))
    writeFileSync(join(source, 'broken.jpg'), 'no picture')
    await install('one', { 'minifas_1_5.onnx': 1.5 })
    await install('two', { 'minifas_1_5.onnx': 1.5, 'minifas_2.onnx': 2 })
  })

  it('recaptures are laid out for it, and say that they are simulated', async () => {
    const { status, stdout, stderr } = arcface(
      ...['synthesize', 'recaptures', '--photos', source, '--out', out, '--seed', '7', '--json'],
      ...detector,
    )
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      photos: 2,
      people: 2,
      species: RECAPTURES,
      pictures: 12,
    })
    expect(stderr).toMatch(/skipped wall\.png: no face found/)
    expect(stderr).toMatch(/skipped broken\.jpg: /)
    const people = readdirSync(source).filter((name) => !name.includes('.'))
    expect(readdirSync(join(out, 'live'))).toEqual(people)
    expect(readdirSync(join(out, 'attack'))).toEqual([...RECAPTURES].sort())
    const [person] = people as [string]
    const copy = join(out, 'live', person, 'a.jpg')
    expect(Buffer.compare(readFileSync(copy), readFileSync(join(source, person, 'a.jpg')))).toBe(0)
    const print = join(out, 'attack/simulated-print', person, 'a.simulated-print.jpg')
    const { exif } = await sharp(print).metadata()
    expect(exif!.toString('latin1')).toContain(
      'Simulated recapture, drawn by code from a photograph: simulated-print, seed 7',
    )
    expect([copy, print].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
    const again = arcface('synthesize', 'recaptures', '--photos', source, '--out', out, ...detector)
    expect(again).toMatchObject({ status: 1 })
    expect(again.stderr).toMatch(/RECOGNIZE_USE.*is not empty/)
  })

  it('measures them by a pack, and reports', () => {
    const { status, stdout, stderr } = arcface(
      ...['evaluate', 'pad', out, '--liveness', 'two', '--replicates', '50', '--any-quality'],
      ...[...detector, '--report', report, '--json'],
    )
    expect(status, stderr).toBe(0)
    const result = JSON.parse(stdout)
    expect(result.living.presentations).toBe(2)
    // Frames of a video are one presentation.
    expect(
      result.species.map(({ name, presentations, people }: Record<string, unknown>) => [
        name,
        presentations,
        people,
      ]),
    ).toEqual([...RECAPTURES].sort().map((name) => [name, 2, 2]))
    expect(
      result.detectors.map(({ name, own }: { name: string; own: { threshold: number } }) => [
        name,
        own.threshold,
      ]),
    ).toEqual([
      ['two', 0.5],
      ['minifas_1_5.onnx', 0.5],
      ['minifas_2.onnx', 0.5],
    ])
    expect(readdirSync(report).sort()).toEqual([
      ...['curves.csv', 'figures.csv', 'report.html', 'report.json', 'scores.csv'],
    ])
    const page = readFileSync(join(report, 'report.html'), 'utf8')
    expect(page).toContain('were drawn by code')
    expect(page).toContain('data:image/jpeg;base64,')
    const [, ...rows] = readFileSync(join(report, 'scores.csv'), 'utf8').trimEnd().split('\n')
    expect(rows).toHaveLength(10)
  })

  it('prints tables of the species', () => {
    const { status, stdout, stderr } = arcface(
      ...['evaluate', 'pad', out, '--liveness', 'one', '--replicates', '50', '--any-quality'],
      ...[...detector, '--liveness-threshold', '0.4'],
    )
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(/^one: living from 0\.4 on$/m)
    expect(stdout).toMatch(/^simulated-cutout +2 +\d/m)
    expect(stdout).toMatch(/^living people +2 +\d/m)
    expect(stdout).toMatch(/^BPCER at APCER 1\.00 % /m)
  })

  it.each([
    ['nothing', [], 'DATA_FOLDER_MISSING'],
    ['no attack', ['live/ann'], 'EVALUATE_PAD'],
    ['an attack of no species', ['live/ann', 'attack'], 'EVALUATE_PAD'],
  ])('refuses a folder of %s', (name, folders, code) => {
    const root = join(room, name)
    for (const folder of folders) {
      mkdirSync(join(root, folder), { recursive: true })
      copyFileSync(join(source, 'wall.png'), join(root, folder, '1.png'))
    }
    const { status, stderr } = arcface('evaluate', 'pad', root, '--liveness', 'one', ...detector)
    expect(status).toBe(1)
    expect(stderr).toContain(code)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
