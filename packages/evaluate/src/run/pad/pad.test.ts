import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'parse5'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { reportPad } from '../reports/pad.js'
import { evaluatePad, type PadAnswer, type PadScorer } from './evaluate.js'
import { openPresentations } from './folders.js'

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder with a grey picture a path; what is no number is written as it is. */
async function folder(all: Readonly<Record<string, number | string>>): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'pad-'))
  made.push(root)
  for (const [path, grey] of Object.entries(all)) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    if (typeof grey === 'string') writeFileSync(file, grey)
    else {
      const background = { r: grey, g: grey, b: grey }
      await sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toFile(file)
    }
  }
  return root
}

/** Brightness is life; black has no face. */
const brightness: PadScorer = {
  detectors: [
    { name: 'brightness', threshold: 0.5 },
    { name: 'darkness', threshold: null },
  ],
  async score(file): Promise<PadAnswer> {
    try {
      const { channels } = await sharp(file).stats()
      const score = channels[0]!.mean / 255
      return score === 0 ? { silent: 'no face found' } : { scores: [score, 1 - score] }
    } catch (error) {
      return { unreadable: (error as Error).message }
    }
  },
}

const code = (name: string) => expect.objectContaining({ code: name })

const usual = {
  'live/ann/1.png': 204,
  'live/ann/2.png': 51,
  'live/bob/1.png': 255,
  'live/bob/2.png': 0,
  'attack/print/ann/1.png': 51,
  'attack/print/bob/1.png': 153,
  'attack/replay/ann/clip/1.png': 0,
  'attack/replay/ann/clip/2.png': 255,
  'attack/replay/ann/clip/3.png': 51,
  'attack/replay/bob/clip/1.png': 51,
}

describe('openPresentations', () => {
  it('lists people, species and videos, whose frames are one presentation', async () => {
    const { presentations, warnings } = openPresentations(await folder(usual))
    expect(warnings).toEqual([])
    expect(
      presentations.map(({ name, species, person, files }) => [
        name,
        species,
        person,
        files.length,
      ]),
    ).toEqual([
      ['live/ann/1.png', null, 'ann', 1],
      ['live/ann/2.png', null, 'ann', 1],
      ['live/bob/1.png', null, 'bob', 1],
      ['live/bob/2.png', null, 'bob', 1],
      ['attack/print/ann/1.png', 'print', 'ann', 1],
      ['attack/print/bob/1.png', 'print', 'bob', 1],
      ['attack/replay/ann/clip', 'replay', 'ann', 3],
      ['attack/replay/bob/clip', 'replay', 'bob', 1],
    ])
  })

  it('takes pictures without people, and warns of it', async () => {
    const root = await folder({
      'live/1.png': 9,
      'attack/a b/1.png': 9,
      'attack/a b/notes.txt': 'x',
    })
    const { presentations, warnings } = openPresentations(root)
    expect(presentations.map(({ species, person }) => [species, person])).toEqual([
      [null, null],
      ['a b', null],
    ])
    expect(warnings.map((text) => text.slice(0, 8))).toEqual(['Left out', '2 of 2 p'])
  })

  it.each([
    [{}, 'DATA_FOLDER_MISSING'],
    [{ 'attack/print/1.png': 9 }, 'DATA_FOLDER_MISSING'],
    [{ 'live/notes.txt': 'x', 'attack/print/1.png': 9 }, 'DATA_EMPTY_FOLDER'],
    [{ 'live/1.png': 9 }, 'EVALUATE_PAD'],
    [{ 'live/1.png': 9, 'attack/.hidden/1.png': 9 }, 'EVALUATE_PAD'],
    [{ 'live/1.png': 9, 'attack/1.png': 9, 'attack/print/1.png': 9 }, 'EVALUATE_PAD'],
    [{ 'live/1.png': 9, 'attack/print/notes.txt': 'x' }, 'DATA_EMPTY_FOLDER'],
  ])('refuses %j with %s', async (files, wanted) => {
    const root = await folder(files as Record<string, number | string>)
    expect(() => openPresentations(root)).toThrow(code(wanted))
  })
})

describe('evaluatePad', () => {
  it('counts a video once, no answer apart, and leaves out what cannot be read', async () => {
    const root = await folder({ ...usual, 'attack/print/ann/2.png': 'no picture' })
    const { result, presentations, skipped } = await evaluatePad(
      openPresentations(root),
      brightness,
    )
    expect(skipped.map(({ photo }) => photo)).toEqual([join(root, 'attack/print/ann/2.png')])
    expect(presentations.find(({ name }) => name.endsWith('ann/clip'))).toMatchObject({
      // Of the frames with a face the mean.
      scores: [(1 + 0.2) / 2, (0 + 0.8) / 2],
      silent: null,
    })
    expect(result.living).toMatchObject({ presentations: 4, nonResponse: { errors: 1 } })
    const [first, second] = result.detectors
    expect(first!.own!.bpcer).toMatchObject({ errors: 1, presentations: 3 })
    expect(first!.own!.apcer.map((rate) => rate!.value)).toEqual([0.5, 0.5])
    expect(second!.own).toBeNull()
  })

  it('refuses a species of which nothing can be read', async () => {
    const root = await folder({
      ...usual,
      'live/ann/3.png': 'no picture either',
      'attack/mask/1.png': 'no picture',
    })
    await expect(evaluatePad(openPresentations(root), brightness)).rejects.toMatchObject({
      code: 'EVALUATE_PAD',
      message: expect.stringMatching(/attacks of the species mask/),
    })
  })

  it('ends where it is told to', async () => {
    const stop = new AbortController()
    const work = evaluatePad(openPresentations(await folder(usual)), brightness, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(work).rejects.toThrow('enough')
  })
})

describe('reportPad', () => {
  const reported = async (
    files: Readonly<Record<string, number | string>>,
    scorer = brightness,
  ) => {
    const root = await folder(files)
    const measured = await evaluatePad(openPresentations(root), scorer, { replicates: 50 })
    const weights = ['a', 'b'].map((name) => join(root, `${name}.safetensors`))
    for (const file of weights) writeFileSync(file, 'weights')
    const out = join(root, 'report')
    await reportPad(
      out,
      measured,
      {
        folder: root,
        weights,
        picture: async (file) => `data:image/png;base64,${readFileSync(file).toString('base64')}`,
        simulated: 'simulated-',
      },
      { model: 'm', weights: weights[0]!, versions: [], command: 'arcface evaluate pad' },
    )
    return (name: string) => readFileSync(join(out, name), 'utf8')
  }

  it.each([
    ['usual ones', usual],
    ['nobody known', { 'live/ann/1.png': 255, 'live/ann/2.png': 30, 'attack/print/1.png': 9 }],
    ['one person', { 'live/ann/1.png': 255, 'live/ann/2.png': 30, 'attack/print/ann/1.png': 9 }],
    ['a species without an answer', { ...usual, 'attack/mask/ann/1.png': 0 }],
    ['a hostile name', { ...usual, 'attack/simulated-<b>"=1&\u202e/ann/1.png': 200 }],
  ])('of %s is a page without holes', async (_, files) => {
    const read = await reported(files)
    const page = read('report.html')
    expect(page).not.toMatch(/NaN|undefined|Infinity|null|<b>|<script|\u202e/)
    const errors: string[] = []
    parse(page, { onParseError: ({ code: name }) => errors.push(name) })
    expect(errors).toEqual([])
    expect(JSON.parse(read('report.json'))).toMatchObject({ facts: { Model: 'm' }, level: 0.95 })
    expect(read('figures.csv')).not.toMatch(/NaN|undefined|null/)
    expect(page.includes('were drawn by code')).toBe(page.includes('simulated-'))
  })

  it('stands in CSV and JSON too', async () => {
    const read = await reported({ ...usual, 'attack/=1+1/ann/1.png': 200 })
    expect(read('scores.csv').split('\n').slice(0, 5)).toEqual([
      'presentation,species,person,brightness,darkness,no answer',
      'live/ann/1.png,living,ann,0.8,0.19999999999999996,',
      'live/ann/2.png,living,ann,0.2,0.8,',
      'live/bob/1.png,living,bob,1,0,',
      'live/bob/2.png,living,bob,,,no face found',
    ])
    expect(read('figures.csv')).toMatch(
      /^brightness,APCER,'=1\+1,threshold 0\.5,1,[\d.]+,1,1,1,1$/m,
    )
    expect(read('curves.csv')).toMatch(/^brightness,print,0,0\.3333333333333333\d*,0\.6$/m)
    expect(JSON.parse(read('report.json')).worst.species[0]).toEqual([
      { name: 'attack/=1+1/ann/1.png', score: 200 / 255 },
    ])
  })
})
