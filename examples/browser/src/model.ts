import type { Recognizer } from '@arcface/browser'
import { type App, attempt } from './app.js'
import { $, element, onFiles } from './dom.js'
import type { Choice, Opened } from './models.js'
import { megabytes, oneIn } from './words.js'

/** Of one photograph, the median of so many. */
const RUNS = 11

/** What the model is, how large and how fast, and another one in its place. */
export function modelPage(app: App): void {
  const usual = $('#model-usual')
  const webgpu = $('#model-webgpu')
  let choice: Choice = {}
  app.onOpen((opened) => {
    choice = opened.choice
    $('#facts').replaceChildren(...facts(opened).flatMap(row))
    $('#speed').replaceChildren()
    usual.hidden = choice.trained === undefined
    webgpu.hidden = choice.webgpu === true || !('gpu' in navigator)
  })
  onFiles($('#model-file'), $('#model'), ([trained]) => app.open({ ...choice, trained }))
  $('#model-address').addEventListener('submit', (event) => {
    event.preventDefault()
    void app.open({ ...choice, trained: $<HTMLInputElement>('#address').value })
  })
  usual.addEventListener('click', () => app.open({ ...choice, trained: undefined }))
  webgpu.addEventListener('click', () => app.open({ ...choice, webgpu: true }))
  onFiles($('#measure'), $('#model-speed'), ([photo]) =>
    attempt(async () => {
      const { recognizer } = await app.opened
      const result = $('#speed')
      result.textContent = 'Measuring …'
      result.textContent = await speed(recognizer, photo!).finally(() => result.replaceChildren())
    }),
  )
}

function facts({ recognizer, sizes, milliseconds }: Opened): [string, string][] {
  const { model, thresholds, runtime } = recognizer
  const files = [...sizes].map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
  const sum = [...sizes.values()].reduce((all, bytes) => all + bytes, 0)
  const threads = runtime.threads === 1 ? 'one thread' : `${runtime.threads} threads`
  return [
    ['Name', model.name],
    ['Size', `${megabytes(sum)}: ${files.join(', ')}`],
    ['Loaded in', `${(milliseconds / 1000).toFixed(1)} s`],
    ['Runs on', runtime.device === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads}`],
    ...tried(runtime),
    ['Embedding', `${model.dim} numbers`],
    ['Threshold', threshold(thresholds)],
    ['SHA-256', model.sha256],
  ]
}

/** What was found where WebGPU was asked for, network by network. */
function tried({ webgpu }: Recognizer['runtime']): [string, string][] {
  if (!webgpu) return []
  const { reason, networks } = webgpu
  const found = networks.map(({ name, device, reason }) => `${name} by ${device}: ${reason}`)
  return [['WebGPU', reason ?? found.join('; ')]]
}

/** At the rate that a comparison has where nobody says another. */
function threshold(thresholds: Recognizer['thresholds']): string {
  const all = Object.entries(thresholds?.cosine ?? {})
  const [far, cosine] = all.find(([rate]) => Number(rate) === 1e-3) ?? all.at(-1) ?? []
  if (far === undefined) return 'none is named in the file, so there are no verdicts'
  return `${cosine!.toFixed(3)}, which ${oneIn(Number(far))} pairs of strangers exceed (${thresholds!.source})`
}

const row = ([name, value]: [string, string]) => [element('dt', name), element('dd', value)]

async function speed(recognizer: Recognizer, photo: Blob): Promise<string> {
  const finding: number[] = []
  const all: number[] = []
  let faces = 0
  // The first runs are slower: they count for nothing.
  for (let run = -3; run < RUNS; run++) {
    const start = performance.now()
    faces = (await recognizer.detect(photo)).length
    const found = performance.now()
    await recognizer.embed(photo)
    if (run < 0) continue
    finding.push(found - start)
    all.push(performance.now() - found)
  }
  if (faces === 0) return 'There is no face: take another photograph.'
  const ms = (values: number[]) => `${median(values).toFixed(0)} ms`
  const embeddings = faces === 1 ? 'the embedding of its face' : `the embeddings of ${faces} faces`
  return `${ms(all)} from the photograph to ${embeddings}, of which ${ms(finding)} find faces (medians of ${RUNS} runs).`
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
