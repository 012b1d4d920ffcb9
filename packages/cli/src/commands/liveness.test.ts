import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const photos = join(shared, 'faces/photos')
const detector = ['--detector', join(shared, 'models/yunet_s_640_640.onnx')]
const model = [
  ...['--model', join(shared, 'models/MobileFaceNet.onnx'), '--range', '1'],
  ...['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225', ...detector],
]
const room = mkdtempSync(join(tmpdir(), 'liveness-cli-'))
const env = { ...process.env, ARCFACE_CACHE: join(room, 'cache') }

afterAll(() => rmSync(room, { recursive: true }))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env,
  })
  return { status, stdout, stderr }
}

describe.skipIf(!existsSync(photos))('living faces on the command line', () => {
  const people = existsSync(photos) ? readdirSync(photos).sort() : []
  const [ada, grace] = people.map((name) =>
    join(photos, name, readdirSync(join(photos, name)).sort()[0]!),
  ) as [string, string]

  beforeAll(() => {
    const from = join(shared, 'models/antispoof_minifas.onnx')
    expect(arcface('models', 'pull', 'minifasnet', '--from', from).status).toBe(0)
  })

  it('liveness says of each face what it looks like, and what the threshold stands for', () => {
    const broken = join(room, 'broken.jpg')
    writeFileSync(broken, 'no picture')
    const given = ['liveness', ada, broken, grace, '--pack', 'minifasnet', ...detector]
    const { status, stdout, stderr } = arcface(...given)
    expect(status).toBe(1)
    expect(stderr).toContain('RECOGNIZE_PHOTO')
    expect(stdout.match(/ looks living, score (0\.\d\d|1\.00)\n/g)?.length).toBe(2)
    expect(stdout).toMatch(/living from 0\.5 on: BPCER .* \(arcface\).*\(the network's authors\)/)
    expect(stdout).toContain('attacks were not measured here')

    const { photos: all } = JSON.parse(arcface(...given, '--json').stdout)
    expect(all.map(({ photo }: { photo: string }) => photo)).toEqual([ada, broken, grace])
    expect(all[1]).toMatchObject({ faces: [], skipped: expect.any(String) })
    expect(all[0].faces[0].liveness).toMatchObject({ live: true, threshold: 0.5, unsure: [] })
    expect(all[0].faces[0].pixels).toBeUndefined()
  })

  it('verify and identify carry it as a field, and give their answer all the same', () => {
    const asked = ['--liveness', 'minifasnet', '--liveness-threshold', '1', ...model]
    const one = arcface('verify', ada, grace, '--threshold', '-1', ...asked)
    expect(one.status).toBe(0)
    expect(one.stdout).toMatch(/same person[\s\S]*looks like a picture of a face, score/)
    expect(one.stdout).toContain('living from 1 on: nobody measured what that stands for')
    const gallery = join(room, 'people')
    expect(arcface('enroll', gallery, ada, '--person', 'Ada', ...model).status).toBe(0)
    const found = arcface('identify', gallery, ada, '--threshold', '0.3', ...asked, '--json')
    const [{ faces }] = JSON.parse(found.stdout).photos
    expect(faces[0]).toMatchObject({
      matches: [{ name: 'Ada' }],
      liveness: { live: false, threshold: 1, stands: { measured: [] } },
    })
  })

  it('aligned faces and packs without networks are refused', () => {
    const celeba = join(shared, 'faces/celeba')
    const [person] = readdirSync(celeba).sort()
    const [a, b] = readdirSync(join(celeba, person!))
      .sort()
      .map((name) => join(celeba, person!, name))
    const aligned = arcface('verify', a!, b!, '--liveness', ...model)
    expect(aligned.status).toBe(2)
    expect(aligned.stderr).toContain('give whole photographs')
    const none = arcface('liveness', ada, ...detector)
    expect(none.status).toBe(1)
    expect(none.stderr).toMatch(/RECOGNIZE_PACK.*faceplugin.*arcface models pull faceplugin/)
  })
})
