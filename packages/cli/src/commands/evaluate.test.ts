import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tinyModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'evaluate-'))
afterAll(() => rmSync(room, { recursive: true }))

const at = (...parts: string[]) => join(room, ...parts)
const model = at('tiny.onnx')
const [faces, pairs] = [at('faces'), at('pairs.txt')]

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const evaluate = (name: string, ...args: string[]) =>
  arcface('evaluate', name, '--model', model, ...args)
const json = (name: string, ...args: string[]) => {
  const { status, stdout, stderr } = evaluate(name, ...args, '--json')
  expect(stderr.replace(/^(warning:|\/).*\n/gm, '')).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}

beforeAll(() => {
  writeFileSync(model, tinyModel({ dim: 8, normalize: true }))
  const drawn = ['synthesize', faces, '--people', '20', '--images', '3', '--pairs', pairs]
  expect(arcface(...drawn).status).toBe(0)
})

/** What a report of pairs consists of. */
const files = ['curves.csv', 'figures.csv', 'report.html', 'report.json', 'scores.csv']
/** The report in a folder, which must need nothing beside it. */
const reported = (folder: string) => {
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  expect(page).not.toMatch(/<script|<link|@import|src="(?!data:)|NaN|undefined/)
  expect(page).toMatch(/SHA-256 of its weights<\/th><td>[0-9a-f]{64} \(tiny\.onnx\)/)
  expect(page).toMatch(/SHA-256 of the data<\/th><td>[0-9a-f]{64}</)
  return { page, json: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) }
}

describe('arcface evaluate', () => {
  it.each(['verification', 'threshold', 'scores', 'identification', 'templates', 'groups'])(
    'has an example in the help of %s',
    (name) => {
      const { status, stdout } = arcface('evaluate', name, '--help')
      expect(status).toBe(0)
      expect(stdout).toContain(`$ arcface evaluate ${name}`)
    },
  )

  it('verification writes a report that says how to repeat it', () => {
    const report = at('report')
    const result = json(
      'verification',
      '--images',
      faces,
      '--pairs',
      pairs,
      '--flip',
      '--report',
      report,
    )
    expect(readdirSync(report).sort()).toEqual(files)
    const page = readFileSync(join(report, 'report.html'), 'utf8')
    expect(page).toContain('without flip')
    expect(page).toMatch(/SHA-256 of its weights<\/th><td>[0-9a-f]{64} \(tiny\.onnx\)/)
    expect(page).toMatch(/<img src="data:image\/jpeg;base64,\/9j/)
    expect(page).toContain('arcface evaluate verification --model')
    const { results, command } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'))
    expect(results.map(({ name }: { name: string }) => name)).toEqual(['without flip', 'with flip'])
    expect(results[1].accuracy).toBe(result.accuracy)
    expect(results[1].intervals.identities).toBe(20)
    expect(command).toMatch(/^arcface evaluate verification .*--flip --report/)
    const lines = readFileSync(join(report, 'scores.csv'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(result.pairs + 1)
  })

  it('verification reports without intervals where labels contradict each other', () => {
    // 1 is 2 and 2 is 3, but 1 is not 3; ten folds of one pair of each kind.
    const image = (p: number, k: number) => {
      const name = readdirSync(faces).sort()[p]
      return `${name}/${name}_000${k}.jpg`
    }
    const lines = [0, 1, 2, 3, 4].flatMap((p) => [
      `${image(p, 1)} ${image(p, 2)} 1\n${image(p, 1)} ${image(p, 3)} 0\n`,
      `${image(p, 2)} ${image(p, 3)} 1\n${image(p, 1)} ${image(p, 3)} 0\n`,
    ])
    const list = at('contradiction.txt')
    writeFileSync(list, lines.join(''))
    const folder = at('contradiction')
    const { status, stderr } = evaluate(
      'verification',
      ...['--images', faces, '--pairs', list, '--report', folder],
    )
    expect(stderr).toMatch(
      /^warning: 10 pairs labelled two people, though other pairs .*: pair 2, /m,
    )
    expect(stderr).toMatch(/^warning: the report has no intervals: pair 2 is labelled two people/m)
    expect(status).toBe(0)
    expect(reported(folder).json.results[0].intervals).toBeUndefined()
  })

  it('refuses a folder of reports that cannot be made before it measures', () => {
    writeFileSync(at('file'), '')
    const { status, stderr } = evaluate(
      ...['verification', '--images', faces, '--pairs', pairs, '--report', at('file', 'report')],
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error FILES_WRITE: .*report cannot be made/)
    expect(stderr).not.toMatch(/images/)
  })

  it('threshold warns where the pairs are too few', () => {
    const far = (rate: string) => [
      ...['--images', faces, '--pairs', pairs],
      '--far',
      rate,
      '--replicates',
      '100',
    ]
    const { status, stdout, stderr } = evaluate('threshold', ...far('1e-4'))
    expect(status).toBe(0)
    expect(stderr).toMatch(/^warning: .*impostor pairs.*rule of three/m)
    expect(stdout).toMatch(/support of the claim +none/)
    const result = json('threshold', ...far('0.4'))
    expect(result.threshold).toBeGreaterThanOrEqual(result.thresholdInterval.low)
    expect(result.threshold).toBeLessThanOrEqual(result.thresholdInterval.high)
    expect(result.reachedFar).toBeLessThanOrEqual(0.4)
    expect(evaluate('threshold', ...far('2')).status).toBe(2)
  })

  it('threshold takes all pairs across the people of folders, stores them, and identify and verify go by them', () => {
    const out = at('thresholds.json')
    const { stdout, status, stderr } = evaluate('threshold', '--images', faces, '--out', out)
    // But for how pixels go into a model that does not say it.
    expect(stderr.replace(/^\/.*: pixels go in.*\n/gm, '')).toBe('')
    expect(status).toBe(0)
    // 20 people of 3 images: 60 * 59 / 2 pairs without the 3 of each person.
    expect(stdout).toMatch(/impostor pairs +1710 of 20 people/)
    const stored = JSON.parse(readFileSync(out, 'utf8'))
    expect(stored.source).toBe('1,710 pairs of 20 people of faces')
    expect(stored.impostors).toMatchObject({ pairs: 1710, people: 20 })
    expect(json('threshold', '--images', faces)).toMatchObject({
      ...stored,
      leftOut: [],
      merged: [],
    })
    const [a, b] = readdirSync(faces).sort()
    const files = [join(faces, a!, `${a}_0001.jpg`), join(faces, b!, `${b}_0001.jpg`)]
    const verify = (...more: string[]) =>
      arcface('verify', ...files, '--model', model, '--json', ...more)
    const far = Object.keys(stored.cosine).at(-1)!
    const verdict = JSON.parse(verify('--thresholds', out, '--far', far).stdout)
    expect(verdict).toMatchObject({
      threshold: stored.cosine[far],
      far: Number(far),
      warning: null,
    })
    expect(verdict.source).toBe(stored.source)
    const none = verify()
    expect(JSON.parse(none.stdout)).toMatchObject({ same: null, threshold: null })
    expect(none.stderr).toMatch(/^warning: the model names no threshold/m)
    for (const wrong of [
      ['--threshold', '2'],
      ['--far', '0'],
      ['--far', '0.1', '--threshold', '0.3'],
    ])
      expect(verify(...wrong).status).toBe(2)
    writeFileSync(out, '{"cosine": {"1e-2": 2}}')
    const damaged = verify('--thresholds', out)
    expect(damaged.status).toBe(1)
    expect(damaged.stderr).toMatch(/thresholds\.json holds no thresholds/)
  })

  it('threshold calibrates, and verify says how likely one person is', () => {
    // The model tells drawn people apart hardly at all: three copies of a picture are a person here.
    const copies = at('copies')
    for (const person of readdirSync(faces)) {
      mkdirSync(join(copies, person), { recursive: true })
      const bytes = readFileSync(join(faces, person, `${person}_0001.jpg`))
      for (const k of [1, 2, 3]) writeFileSync(join(copies, person, `${person}_000${k}.jpg`), bytes)
    }
    const out = at('calibrated.json')
    const across = ['--images', copies, '--calibrate', '--prior', '0.9', '--replicates', '50']
    const told = evaluate('threshold', ...across, '--out', out)
    expect(told.stdout).toMatch(/^Cllr +0\.\d+ \[0\.\d+, 0\.\d+\] bits$/m)
    expect(told.stdout).toMatch(/^told 0\.99 to 1 .* at prior 0\.9$/m)
    const found = json('threshold', ...across)
    const { calibration } = JSON.parse(readFileSync(out, 'utf8'))
    expect(found.calibration).toEqual(calibration)
    expect(calibration).toMatchObject({
      prior: 0.9,
      measured: { source: 'copies', people: 20, images: 60, genuine: 60, impostors: 1710 },
    })
    expect(calibration.measured.cllr).toBe(found.calibrated.tried[calibration.method])
    expect(found.calibrated.cllrInterval.low).toBeLessThan(calibration.measured.cllr)
    const [a, b] = readdirSync(copies).sort()
    const image = (person: string, k: number) => join(copies, person, `${person}_000${k}.jpg`)
    const verify = (...args: string[]) =>
      arcface('verify', ...args, '--model', model, '--far', '0.1', '--any-quality')
    const given = ['--thresholds', out]
    const same = JSON.parse(verify(image(a!, 1), image(a!, 2), ...given, '--json').stdout)
    const [, most] = calibration.points.at(-1)
    expect(same).toMatchObject({ prior: 0.9, atBound: true })
    expect(same.likelihoodRatio).toBeCloseTo(Math.exp(most), 6)
    expect(same.probability).toBeCloseTo((9 * Math.exp(most)) / (1 + 9 * Math.exp(most)), 9)
    expect(verify(image(a!, 1), image(b!, 1), ...given).stdout).toMatch(
      /; probability (at most )?0\.\d+ for a prior of 0\.9$/m,
    )

    // Before the model runs.
    const few = evaluate('threshold', '--images', faces, '--pairs', pairs, '--calibrate')
    expect(few.status).toBe(1)
    expect(few.stderr).toMatch(/^error EVALUATE_CALIBRATION: .* not 60 pairs and 10 couples/m)
    const alone = evaluate('threshold', '--images', join(copies, a!), '--calibrate')
    expect(alone.stderr).toMatch(/^error EVALUATE_CALIBRATION: .*10 people or more, not of 1/m)
    expect(evaluate('threshold', '--images', copies, '--prior', '0.9').status).toBe(2)
    expect(evaluate('threshold', '--images', copies, '--calibrate', '--prior', '1').status).toBe(2)
  })

  it('threshold of a list of pairs names those that it bears out', () => {
    const people = readdirSync(faces).sort()
    const couples = people.flatMap((a, i) =>
      people.slice(i + 1).map((b) => `${a}/${a}_0001.jpg ${b}/${b}_0002.jpg 0`),
    )
    writeFileSync(
      at('couples.txt'),
      [`${people[0]}/${people[0]}_0001.jpg ${people[0]}/${people[0]}_0002.jpg 1`, ...couples].join(
        '\n',
      ),
    )
    const list = ['--images', faces, '--pairs', at('couples.txt')]
    const { source, cosine, impostors } = json('threshold', ...list)
    // 190 couples of 20 people, each once: ten of them are FAR 10 / 190.
    expect(source).toBe('190 pairs of 20 people of couples.txt')
    expect(impostors.smallestFar).toBe(10 / 190)
    expect(Object.keys(cosine)).toEqual(['1e-1'])
    const few = evaluate('threshold', '--images', faces, '--pairs', pairs)
    expect(few.status).toBe(1)
    expect(few.stderr).toMatch(
      /^error EVALUATE_PAIRS: 60 impostor pairs of 20 people bear out no threshold/m,
    )
    expect(evaluate('threshold').status).toBe(2)
    expect(evaluate('threshold', ...list, '--images', room).status).toBe(2)
    // What a list of pairs cannot heed is not passed over.
    expect(evaluate('threshold', ...list, '--leave-out-doubtful').status).toBe(2)
    expect(evaluate('threshold', ...list, '--detector', model).status).toBe(2)
  })

  it('threshold needs no folds: genuine pairs first, or one number as header; verification says how to make them', () => {
    const people = readdirSync(faces).sort().slice(0, 11)
    const [head, ...rest] = people
    const image = (name: string, k: number) => `${name}/${name}_000${k}.jpg`
    const put = (name: string, lines: string[]) => {
      writeFileSync(at(name), `${lines.join('\n')}\n`)
      return at(name)
    }
    const sorted = put('sorted.txt', [
      ...rest.map((name) => `${image(name, 1)} ${image(name, 2)} 1`),
      ...rest.map((name, i) => `${image(people[i]!, 1)} ${image(name, 2)} 0`),
    ])
    const development = put('dev.txt', [
      '10',
      ...rest.map((name) => `${name}\t1\t2`),
      ...rest.map((name, i) => `${people[i]}\t1\t${name}\t2`),
    ])
    const on = (list: string) => ['--images', faces, '--pairs', list]
    const options = ['--far', '0.5', '--replicates', '100']
    const found = json('threshold', ...on(sorted), ...options)
    // Ten impostor pairs: at most five of them are accepted.
    expect(found).toMatchObject({ impostors: 10, reachedFar: 0.5 })
    expect(json('threshold', ...on(development), ...options)).toEqual(found)
    expect(evaluate('verification', ...on(sorted))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^error EVALUATE_FOLDS: fold 1 of 10 holds no impostor .*shuf .*arcface data pairs/m,
      ),
    })
    const own = put('own.txt', [
      ...rest.map((name) => `${image(name, 1)} ${image(name, 2)} 1`),
      ...rest.map((name, i) => `${image(people[i]!, 1)} ${image(name, 2)} 0`),
      `${image(head!, 1)} ${image(head!, 3)} 0`,
    ])
    expect(evaluate('threshold', ...on(own), ...options).stderr).toMatch(
      /^warning: 1 pair labelled two people, though both images are of one person by their names: pair 21, /m,
    )
  })

  it('identification finds a person whose probe is the enrolled image', () => {
    const gallery = at('gallery')
    const probes = at('probes')
    const people = readdirSync(faces).sort()
    const copy = (from: string, to: string, count: number) => {
      mkdirSync(to, { recursive: true })
      for (const file of readdirSync(from).sort().slice(0, count))
        writeFileSync(join(to, file), readFileSync(join(from, file)))
    }
    for (const person of people.slice(0, 10)) copy(join(faces, person), join(gallery, person), 1)
    for (const person of people) copy(join(faces, person), join(probes, person), 1)
    const found = json('identification', '--gallery', gallery, '--probes', probes, '--fpir', '0.2')
    // Ten are enrolled with the very same image; their cosine is 1.
    expect(found).toMatchObject({ probes: 20, gallery: 10, mated: 10, cmc: { 1: 1, 5: 1, 10: 1 } })
    expect(found.tpirAtFpir['0.2'].reachedFpir).toBeLessThanOrEqual(0.2)
    const closed = json(
      'identification',
      '--images',
      faces,
      '--distractors',
      gallery,
      '--ranks',
      '1,20',
    )
    expect(closed).toMatchObject({ probes: 40, gallery: 30, distractors: 10, mated: 40 })
    expect(closed.cmc['20']).toBeGreaterThanOrEqual(closed.cmc['1'])
    expect(closed.tpirAtFpir).toBeUndefined()
    const megaface = ['--megaface', '--images', probes, '--distractors', gallery]
    expect(evaluate('identification', ...megaface)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error EVALUATE_IDENTITY: no person has two images/m),
    })
    const [open, mega] = [at('open'), at('mega')]
    const told = json(
      'identification',
      ...['--gallery', gallery, '--probes', faces, '--far', '0.1', '--report', open],
    )
    // Ten people of three images are enrolled with one of them, ten are strangers.
    expect(told).toMatchObject({ probes: 60, mated: 30, gallery: 10 })
    expect(told.tpirAtFpir['0.1'].interval.low).toBeLessThanOrEqual(told.tpirAtFpir['0.1'].tpir)
    expect(told.tarAtFar['0.1'].reachedFar).toBeLessThanOrEqual(0.1)
    expect(readdirSync(open).sort()).toEqual(files)
    const { page, json: whole } = reported(open)
    expect(page).toMatch(/<img src="data:image\/jpeg;base64,\/9j/)
    expect(whole.openSet.points[0].tpir).toBe(told.tpirAtFpir['0.01'].tpir)
    expect(whole.worst.misses[0].first).toContain(faces)
    expect(whole.worst.misses[0].second).toContain(gallery)
    const scored = readFileSync(join(open, 'scores.csv'), 'utf8').trimEnd().split('\n')
    expect(scored).toHaveLength(1 + 60 + 30)
    const couples = json(
      'identification',
      ...[...megaface.with(2, faces), '--far', '0.1', '--report', mega],
    )
    expect(readdirSync(mega).sort()).toEqual(['figures.csv', 'report.html', 'report.json'])
    expect(reported(mega).page).toContain('98.35 %')
    expect(couples).toMatchObject({ protocol: 'megaface', mated: 120, gallery: 11 })
    expect(couples.tarAtFar['0.1'].reachedFar).toBeLessThanOrEqual(0.1)
    expect(evaluate('identification', '--images', faces, '--gallery', gallery).status).toBe(2)
    expect(evaluate('identification', '--gallery', gallery).status).toBe(2)
  })

  it('templates pool the images of a list, 1:1 and 1:N', () => {
    const people = readdirSync(faces).sort()
    const image = (p: number, k: number) =>
      `${people[p]}/${readdirSync(join(faces, people[p]!)).sort()[k]}`
    // Template 10 p is image 0 of person p; template 10 p + 1 is images 0, 1 and 2, the last two of one medium.
    const media = people.flatMap((_, p) => [
      `${image(p, 0)} ${10 * p} 1`,
      `${image(p, 0)} ${10 * p + 1} 1`,
      `${image(p, 1)} ${10 * p + 1} 2`,
      `${image(p, 2)} ${10 * p + 1} 2`,
    ])
    const put = (name: string, lines: string[]) => {
      writeFileSync(at(name), `${lines.join('\n')}\n`)
      return at(name)
    }
    const couples = people.flatMap((_, p) => [
      `${10 * p} ${10 * p + 1} 1`,
      `${10 * p} ${10 * ((p + 1) % 20) + 1} 0`,
      `${10 * p} ${10 * ((p + 7) % 20) + 1} 0`,
    ])
    const lists = ['--images', faces, '--media', put('media.txt', media)]
    const all = put('pairs-templates.txt', couples)
    const subjects = (offset: number) => people.map((_, p) => `${10 * p + offset},${p}`)
    const result = json(
      'templates',
      ...[...lists, '--pairs', all, '--far', '0.05,0.5', '--flip'],
      ...['--gallery', put('gallery.csv', ['TEMPLATE_ID,SUBJECT_ID', ...subjects(1)])],
      ...['--probes', put('probes.csv', subjects(0))],
    )
    expect(result).toMatchObject({ templates: 40, flip: true })
    expect(result.verification).toMatchObject({ pairs: 60, genuine: 20 })
    // Each probe is a part of its mate: better than a guess among twenty.
    expect(result.verification.auc).toBeGreaterThan(0.6)
    expect(result.identification.cmc['1']).toBeGreaterThan(0.1)
    expect(result.identification).toMatchObject({ probes: 20, gallery: 20, mated: 20 })
    expect(result.verification.tarAtFar['0.5'].reachedFar).toBeLessThanOrEqual(0.5)

    // Frames of a video each, pairs in folds: as YTF has it.
    const video = json(
      'templates',
      ...[...lists, '--pairs', all, '--folds', '10', '--report', at('video')],
      ...['--gallery', at('gallery.csv'), '--probes', put('some.csv', subjects(0).slice(0, 9))],
    )
    expect(readdirSync(at('video')).sort()).toEqual(['1-1', '1-n'])
    expect(readdirSync(at('video', '1-1')).sort()).toEqual(files)
    expect(readdirSync(at('video', '1-n')).sort()).toEqual(files.slice(1))
    const { page, json: whole } = reported(at('video', '1-1'))
    expect(page).toMatch(/alt="template \d+ \(person_/)
    expect(whole.results[0].accuracy).toBe(video.verification.accuracy)
    expect(whole.results[0].foldAccuracies).toHaveLength(10)
    expect(whole.results[0].intervals.identities).toBe(20)
    expect(reported(at('video', '1-n')).json.mated).toBe(9)
    expect(video.identification.tpirAtFpir['0.1'].threshold).toBeGreaterThan(-1)

    // Forty impostor pairs say nothing of FAR 1e-6.
    expect(evaluate('templates', ...lists, '--pairs', all, '--far', '1e-6').stdout).toMatch(
      /^TAR at FAR 1e-6 .*no impostor accepted/m,
    )

    // Before the model runs: images that are missing, templates that nobody described, labels that contradict each other.
    const lost = put('lost.txt', ['gone.jpg 1 1', ...media, 'lost.jpg 2 1'])
    expect(
      evaluate('templates', '--images', faces, '--media', lost, '--pairs', all).stderr,
    ).toMatch(
      /^error DATA_PAIRS_IMAGE: \S+lost\.txt: \S+gone\.jpg is not there; 2 images .*lost\.jpg/m,
    )
    const both = put('both.txt', [...couples, '0 1 0'])
    expect(evaluate('templates', ...lists, '--pairs', both, '--far', '0.5').stderr).toMatch(
      /^warning: 1 pair labelled two people, .*: pair 61, template 0 and template 1$/m,
    )
    const strange = put('strange.txt', [...couples, '3 1 0'])
    expect(evaluate('templates', ...lists, '--pairs', strange)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error EVALUATE_TEMPLATE: template 3 \(entry 61/m),
    })
    const scores = put('scores.txt', [`${image(0, 0)} ${'1 '.repeat(10)}0.9`])
    expect(evaluate('templates', ...lists, '--pairs', all, '--scores', scores)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error DATA_LIST: .*has no score of/m),
    })
    expect(evaluate('templates', ...lists).status).toBe(2)
    expect(evaluate('templates', ...lists, '--pairs', all, '--norms', 'none').status).toBe(2)
  })
})
