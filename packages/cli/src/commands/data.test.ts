import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFolders } from '@arcface/data'
import { readParams, readTorch } from '@arcface/data/weights'
import { loadSafetensors } from '@arcface/libtorch'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const goldens = fileURLToPath(new URL('../../../data/goldens/generated', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'data-'))
const faces = join(room, 'faces')
const pairs = join(room, 'pairs.txt')

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const json = (...args: string[]) => {
  const { status, stdout, stderr } = arcface(...args, '--json')
  expect(stderr).not.toMatch(/error/)
  return { status, ...JSON.parse(stdout) }
}

beforeAll(() => {
  const size = ['--people', '20', '--images', '3']
  expect(arcface('synthesize', faces, ...size, '--pairs', pairs).status).toBe(0)
})
afterAll(() => rmSync(room, { recursive: true }))

describe('arcface data', () => {
  it.each(['convert', 'info', 'check'])('has an example in the help of %s', (name) => {
    expect(arcface('data', name, '--help').stdout).toContain(`$ arcface data ${name}`)
  })

  it('converts folders to a .rec and back', () => {
    const records = join(room, 'faces.rec')
    expect(json('data', 'convert', faces, records)).toMatchObject({ people: 20, images: 60 })
    const back = join(room, 'back')
    expect(json('data', 'convert', records, back)).toMatchObject({ people: 20, images: 60 })
    const read = (root: string) =>
      openFolders([root]).samples.map(({ path, label }) => [label, readFileSync(path, 'base64')])
    expect(read(back)).toEqual(read(faces))
    for (const path of [faces, records])
      expect(json('data', 'info', path)).toMatchObject({
        identities: 20,
        images: 60,
        fewestImages: 3,
        mostImages: 3,
      })
  })

  it('converts a list of pairs to a .bin and back to folders', () => {
    const [set, folder] = [join(room, 'set.bin'), join(room, 'pairs')]
    const counts = { folds: 10, pairs: readFileSync(pairs, 'utf8').trim().split('\n').length - 1 }
    expect(json('data', 'convert', pairs, set, '--images', faces)).toMatchObject(counts)
    expect(json('data', 'info', set)).toMatchObject({ ...counts, matched: counts.pairs / 2 })
    expect(json('data', 'convert', set, folder)).toMatchObject(counts)
    expect(json('data', 'info', join(folder, 'pairs.txt'), '--images', folder)).toMatchObject(
      counts,
    )
  })

  it('takes pairs as a plain list of any ending, and back from a .bin with uneven folds', () => {
    const list = join(room, 'list.csv')
    const image = (person: number, k: number) => {
      const name = openFolders([faces]).classes[person]!
      return `${name}/${name}_000${k}.jpg`
    }
    const lines = [0, 1, 2].map((p) => `${image(p, 1)},${image(p, 2)},1`)
    writeFileSync(
      list,
      ['first,second,same', ...lines, `${image(0, 1)},${image(1, 1)},0`].join('\n'),
    )
    const [set, folder] = [join(room, 'list.bin'), join(room, 'list')]
    const counts = { pairs: 4, matched: 3, mismatched: 1, folds: 4 }
    expect(json('data', 'info', list, '--images', faces)).toMatchObject(counts)
    expect(json('data', 'convert', list, set, '--images', faces)).toMatchObject({ pairs: 4 })
    expect(json('data', 'convert', set, folder)).toMatchObject({ pairs: 4 })
    const back = json('data', 'info', join(folder, 'pairs.txt'), '--images', folder)
    expect(back).toMatchObject(counts)
  })

  it('checks the images of pairs too', () => {
    const set = join(room, 'pairs.bin')
    json('data', 'convert', pairs, set, '--images', faces)
    const found = json('data', 'check', set)
    expect(found).toMatchObject({ status: 0, corrupt: [], duplicates: [], few: [] })
    expect(json('data', 'check', pairs, '--images', faces)).toMatchObject({
      status: 0,
      people: 20,
      images: found.images,
    })
    const bytes = readFileSync(set)
    const second = bytes.indexOf(Buffer.from('ffd8ff', 'hex'), 1000)
    bytes.fill(0, second, second + 3)
    writeFileSync(set, bytes)
    expect(json('data', 'check', set)).toMatchObject({
      status: 1,
      corrupt: [{ image: expect.stringMatching(/^pairs\.bin, image \d+$/) }],
    })
  })

  it('converts weights to safetensors and back to the same tensors', () => {
    const [params, tensors] = [join(goldens, 'v2.params'), join(room, 'x.safetensors')]
    expect(json('data', 'convert', params, tensors)).toMatchObject({ tensors: 4, parameters: 30 })
    expect([...loadSafetensors(tensors).keys()]).toContain('arg:conv0_weight')
    const back = join(room, 'x.params')
    json('data', 'convert', tensors, back)
    expect(readParams(back)).toEqual(readParams(params))
    const torch = join(room, 'x.pth')
    json('data', 'convert', params, torch)
    expect(readTorch(torch).get('arg:conv0_weight')?.shape).toEqual([2, 3, 2, 2])
    expect(json('data', 'info', torch)).toMatchObject({ tensors: 4, parameters: 30 })
    expect(arcface('data', 'info', torch).stdout).toMatch(/aux:count int64 \[1,1\]/)
  })

  it('tells what the lists of IJB hold', () => {
    const of = (name: string, text: string) => {
      writeFileSync(join(room, name), text)
      return json('data', 'info', join(room, name))
    }
    expect(of('tid.txt', '1.jpg 10 1\n2.jpg 10 2\n2.jpg 11 2\n')).toMatchObject({
      images: 2,
      templates: 2,
      media: 2,
    })
    expect(of('label.txt', '10 11 1\n10 12 0\n')).toMatchObject({
      pairs: 2,
      matched: 1,
      mismatched: 1,
      templates: 3,
    })
    expect(of('G1.csv', 'TEMPLATE_ID,SUBJECT_ID\n10,7\n11,7\n')).toMatchObject({
      templates: 2,
      identities: 1,
    })
    expect(of('5pts.txt', `1.jpg ${'1.5 '.repeat(10)}0.75\n`)).toMatchObject({ lowestScore: 0.75 })
  })

  it('finds corrupt images and copies, and says so by its exit code', () => {
    expect(json('data', 'check', faces)).toMatchObject({ status: 0, corrupt: [], duplicates: [] })
    const bad = join(room, 'bad')
    cpSync(faces, bad, { recursive: true })
    const image = (name: string) => join(bad, name)
    const [first, second] = openFolders([faces]).classes as [string, string]
    writeFileSync(image(`${first}/${first}_0001.jpg`), 'no image')
    cpSync(image(`${first}/${first}_0002.jpg`), image(`${second}/copy.jpg`))
    const result = json('data', 'check', bad, '--min-images', '3')
    expect(result.status).toBe(1)
    expect(result.corrupt).toEqual([
      { image: image(`${first}/${first}_0001.jpg`), message: expect.any(String) },
    ])
    expect(result.duplicates[0].people).toEqual([first, second])
    expect(result.few).toEqual([{ name: first, images: 2 }])
  })

  it('finds pictures that were encoded again or made smaller, by thumbnails or a threshold', async () => {
    expect(json('data', 'check', faces, '--near')).toMatchObject({ status: 0, near: [] })
    const folder = join(room, 'near')
    cpSync(faces, folder, { recursive: true })
    const [first, second] = openFolders([faces]).classes as [string, string]
    const image = (person: string, name: string) => join(folder, person, `${name}.jpg`)
    const original = image(first, `${first}_0001`)
    await sharp(original).jpeg({ quality: 30 }).toFile(image(first, 'again'))
    const half = await sharp(original).resize(56).png().toBuffer()
    await sharp(half).resize(112).jpeg().toFile(image(second, 'smaller'))
    cpSync(original, image(second, 'copy'))
    const near = (...threshold: string[]) => {
      const result = json('data', 'check', folder, '--near', ...threshold)
      expect(result.duplicates).toHaveLength(1)
      return (result.near as { cosine: number; images: string[]; people: string[] }[]).map(
        ({ images, people }) => `${images.map((path) => basename(path, '.jpg')).sort()} ${people}`,
      )
    }
    const [kept, both] = [`${first}_0001`, `${first},${second}`]
    // Not the copy with its original: those are the same pixels, and listed as such.
    expect(near().sort()).toEqual(
      [
        `again,${kept} ${first}`,
        `again,copy ${both}`,
        `again,smaller ${both}`,
        `${kept},smaller ${both}`,
        `copy,smaller ${second}`,
      ].sort(),
    )
    expect(near('1')).toEqual([])
    const text = arcface('data', 'check', folder, '--near').stdout
    expect(text).toMatch(/^alike, perhaps one picture: 5\n {2}0\.9/m)
  })

  it('fails with a code, or with 2 for wrong usage', () => {
    const evil = join(room, 'evil.bin')
    cpSync(join(goldens, 'evil-4.pkl'), evil)
    const run = arcface('data', 'info', evil)
    expect(run).toMatchObject({ status: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error DATA_PICKLE_CODE: .*print/)
    expect(arcface('data', 'info', join(room, 'none')).status).toBe(1)
    expect(arcface('data', 'convert', faces, 'faces.zip').status).toBe(2)
    expect(arcface('data', 'convert', join(goldens, 'v2.params'), 'x.onnx').status).toBe(1)
    expect(arcface('data', 'check', faces, '--against', faces).status).toBe(2)
    expect(arcface('data', 'check', faces, '--model', 'm.onnx').status).toBe(2)
    expect(arcface('data', 'check', faces, '--near', 'much').status).toBe(2)
  })
})

const model = join(shared, 'models/MobileFaceNet.onnx')
const preprocessing = ['--range', '1', '--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225']
describe.skipIf(!existsSync(model))('with the shared MobileFaceNet and celeba faces', () => {
  it('gives the accuracy of the list of pairs from a .bin of it', () => {
    const [list, images] = [join(shared, 'faces/celeba_pairs.txt'), join(shared, 'faces/celeba')]
    const set = join(room, 'celeba.bin')
    expect(json('data', 'convert', list, set, '--images', images).pairs).toBe(6000)
    const verification = ['evaluate', 'verification', '--model', model, ...preprocessing]
    const { accuracy } = json(...verification, '--pairs', set)
    expect(Math.abs(accuracy - 0.959)).toBeLessThanOrEqual(0.003)
  })

  it('finds the people whom two sets share, and nobody else', () => {
    const celeba = openFolders([join(shared, 'faces/celeba')])
    const part = (name: string, choose: (label: number, index: number) => boolean) => {
      const seen = new Map<number, number>()
      for (const { path, label } of celeba.samples) {
        const index = seen.get(label) ?? 0
        seen.set(label, index + 1)
        if (choose(label, index))
          cpSync(path, join(room, name, celeba.classes[label]!, `${index}.jpg`))
      }
      return join(room, name)
    }
    // Persons 0 to 9 and 6 to 15, of whom 6 to 9 are in both with other images.
    const here = part('here', (label, index) => label < 10 && index % 2 === 0)
    const there = part('there', (label, index) => label >= 6 && label < 16 && index % 2 === 1)
    const out = join(room, 'shared.csv')
    const against = ['--against', there, '--model', model, '--out', out, ...preprocessing]
    const result = json('data', 'check', here, ...against)
    expect(result.status).toBe(1)
    const found = result.shared as { person: string; other: string }[]
    expect(found.map(({ other }) => other).sort()).toEqual(celeba.classes.slice(6, 10).sort())
    for (const { person, other } of found) expect(person).toBe(other)
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(5)

    // The same test set as pairs: nobody has a name, but their images tell.
    const pairsOf = celeba.classes.slice(6, 16).map((name) => `${name}/1.jpg ${name}/3.jpg 1\n`)
    writeFileSync(join(room, 'there.txt'), pairsOf.join(''))
    const test = join(room, 'there.bin')
    json('data', 'convert', join(room, 'there.txt'), test, '--images', there)
    const inPairs = json('data', 'check', here, ...against.with(1, test))
    const known = (inPairs.shared as typeof found).map(({ person }) => person)
    expect(known.sort()).toEqual(celeba.classes.slice(6, 10).sort())
    expect(inPairs.shared[0].other).toMatch(/^who is on there\.bin, image \d+$/)
  })

  it('finds pictures that look alike by their embeddings', async () => {
    const folder = join(room, 'alike')
    const person = join(folder, 'one')
    const celeba = openFolders([join(shared, 'faces/celeba')]).samples
    for (const [i, { path }] of celeba.slice(0, 4).entries()) cpSync(path, join(person, `${i}.jpg`))
    await sharp(join(person, '2.jpg')).jpeg({ quality: 40 }).toFile(join(person, 'again.jpg'))
    const result = json('data', 'check', folder, '--near', '--model', model, ...preprocessing)
    const found = result.near as { cosine: number; images: string[] }[]
    expect(found.map(({ images }) => images)).toEqual([
      [join(person, '2.jpg'), join(person, 'again.jpg')],
    ])
    expect(found[0]!.cosine).toBeLessThanOrEqual(1.000001)
  })
})
