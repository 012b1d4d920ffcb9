import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasShared, noise, REPOSITORY, randomEmbedder, sharedPhoto } from '@arcface/testing'
import sharp from 'sharp'
import { drawAblation, drawRun } from './run.js'
import { type Studio, type StudioOptions, startStudio } from './studio.js'

/** A page in a state that is worth a look. */
export interface View {
  /** Such as `people-person`. */
  readonly name: string
  readonly path: string
  /** Whether nobody has signed in. */
  readonly isClosed?: true
}

export interface Furnished extends Studio {
  readonly views: readonly View[]
}

/** Of people as they are, and as they are now and then: long, and from right to left. */
const PEOPLE = ['Ada Lovelace', 'عَلِيّ بن أبي طالب', '王小明', `${'Hubert '.repeat(71)}III`]

/** A studio that has something to show on every page: people, runs, tasks that have ended well and badly, keys. */
export async function startFurnished(options: StudioOptions = {}): Promise<Furnished> {
  const studio = await startStudio({ keys: true, ...options })
  try {
    return { ...studio, views: await furnish(studio, options.models ?? 'drawn') }
  } catch (error) {
    await studio.close()
    throw error
  }
}

async function furnish(studio: Studio, models: 'shared' | 'drawn'): Promise<View[]> {
  const { client, workspace } = studio
  await fillGallery(studio, models)
  await client.POST('/v1/keys', {
    body: { name: 'Gate', scopes: ['identify'], galleries: ['staff'], rate: 60 },
  })
  synthesize(workspace)
  writeFileSync(join(workspace, 'model.onnx'), randomEmbedder())
  drawRun(join(workspace, 'runs/first'), 300)
  drawRun(join(workspace, 'runs/second'), 500)
  drawAblation(join(workspace, 'runs/losses'))
  const [suspects, flipped, scores, toy] = [
    await taskDone(studio, { kind: 'suspects', roots: ['faces'], model: 'model.onnx' }),
    await taskDone(studio, { kind: 'scores', images: 'faces', model: 'model.onnx', flip: true }),
    await taskDone(studio, { kind: 'scores', images: 'faces', model: 'model.onnx' }),
    await taskDone(studio, { kind: 'toy', losses: [{ m1: 1, m2: 0.5, m3: 0, scale: 64 }] }),
  ]
  // One that fails.
  await taskDone(studio, {
    kind: 'scores',
    images: 'faces',
    pairs: 'runs/first/config.yaml',
    model: 'model.onnx',
  })
  const staff = 'gallery=staff'
  return [
    { name: 'sign-in', path: '/people', isClosed: true },
    { name: 'people', path: '/people' },
    { name: 'people-gallery', path: `/people?${staff}` },
    { name: 'people-person', path: `/people?${staff}&person=${encodeURIComponent(PEOPLE[0]!)}` },
    ...['enroll', 'duplicates', 'strangers'].map((tab) => ({
      ...{ name: `people-${tab}`, path: `/people?${staff}&tab=${tab}` },
    })),
    { name: 'recognize', path: '/recognize' },
    { name: 'training', path: '/training' },
    { name: 'training-run', path: '/training?run=runs/first' },
    { name: 'training-new', path: '/training?new=1' },
    { name: 'training-compare', path: '/training?compare=runs/first%0Aruns/second' },
    { name: 'training-ablation', path: '/training?ablation=runs/losses' },
    { name: 'evaluate', path: '/evaluate' },
    { name: 'evaluate-scores', path: `/evaluate?of=${scores}` },
    ...['curves', 'errors', 'groups', 'beside', 'report'].map((view) => ({
      name: `evaluate-${view}`,
      path: `/evaluate?of=${scores}&beside=${flipped}&view=${view}`,
    })),
    { name: 'curate', path: '/curate' },
    { name: 'curate-queue', path: `/curate?task=${suspects}` },
    { name: 'curate-map', path: `/curate?task=${suspects}&view=map` },
    { name: 'geometry', path: `/geometry?toy=${toy}` },
    { name: 'tasks', path: '/tasks' },
    { name: 'keys', path: '/keys' },
    { name: 'audit', path: '/audit' },
  ]
}

async function fillGallery({ client }: Studio, models: 'shared' | 'drawn'): Promise<void> {
  const isReal = models === 'shared' && hasShared
  await client.POST('/v1/galleries', { body: { name: 'staff' } })
  for (const [i, person] of PEOPLE.entries()) {
    const path = { gallery: 'staff', person }
    const photos = await Promise.all(
      [0, 1, 2].map(async (j) =>
        isReal ? new Uint8Array(readFileSync(sharedPhoto(i, j))) : await noisePhoto(3 * i + j),
      ),
    )
    const files = photos.map((bytes, j) => new File([bytes], `photo-${j}`))
    const { error } = await client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      ...{ params: { path }, body: { photo: files } },
    })
    if (error) throw new Error(JSON.stringify(error))
  }
}

const noisePhoto = async (seed: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await sharp(noise(seed, 160, 160).pixels, { raw: { width: 160, height: 160, channels: 3 } })
      .png()
      .toBuffer(),
  )

function synthesize(workspace: string): void {
  const bin = join(REPOSITORY, 'packages/cli/bin/arcface.js')
  const args = ['synthesize', join(workspace, 'faces'), '--people', '6', '--images', '6']
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Runs a task to its end. @returns its id */
async function taskDone({ client }: Studio, body: object): Promise<string> {
  const { data, error } = await client.POST('/v1/tasks', { body: body as never })
  if (error) throw new Error(JSON.stringify(error))
  const { id } = data as { id: string }
  for (;;) {
    const { data: now } = await client.GET('/v1/tasks/{task}', { params: { path: { task: id } } })
    if (now === undefined || !['waiting', 'running'].includes(now.state)) return id
    await new Promise((done) => setTimeout(done, 200))
  }
}
