import { join } from 'node:path'
import type { SearchResult, TemplateInput, Templates } from '@arcface/evaluate'
import type { Command } from 'commander'
import { addPreprocessing, openModel, type PreprocessingOptions } from '../model/open.js'
import { integers, lines, percent, progress, rates } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  images: string
  media: string
  pairs?: string
  gallery?: string
  probes?: string
  scores?: string
  norms: 'keep' | 'unit'
  far: number[]
  fpir: number[]
  ranks: number[]
  flip?: boolean
  json?: boolean
}

export function register(evaluate: Command): void {
  const templates = evaluate
    .command('templates')
    .description('IJB-B and IJB-C, or videos: templates of several images, 1:1 and 1:N')
    .requiredOption('--model <model>', 'an ONNX file or a run folder')
    .requiredOption('--images <dir>', 'where the images of the list lie, aligned 112x112')
    .requiredOption('--media <file>', 'lines of "name template medium" (ijbc_face_tid_mid.txt)')
    .option('--pairs <file>', '1:1, lines of "template template label"')
    .option('--gallery <file>', '1:N, "template,subject" of those who are enrolled (a .csv)')
    .option('--probes <file>', '1:N, "template,subject" of those who are looked for')
    .option('--scores <file>', "weigh by the detector's scores (ijbc_name_5pts_score.txt)")
    .option(
      '--norms <kind>',
      'keep: by the length of embeddings (N1); unit: all alike (N0)',
      'keep',
    )
    .option('--far <list>', 'FARs of 1:1', rates, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1])
    .option('--fpir <list>', 'FPIRs of 1:N', rates, [0.01, 0.1])
    .option('--ranks <list>', 'ranks of 1:N', integers, [1, 5, 10])
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(templates)
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface evaluate templates --model face.onnx --images ijbc/aligned --flip \\\n' +
        '      --media ijbc_face_tid_mid.txt --pairs ijbc_template_pair_label.txt',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { model, pairs, gallery, probes, norms, json } = options
  if ((gallery === undefined) !== (probes === undefined))
    command.error('error: --gallery and --probes go together')
  if (pairs === undefined && gallery === undefined)
    command.error('error: give --pairs for 1:1, or --gallery and --probes for 1:N')
  if (norms !== 'keep' && norms !== 'unit') command.error('error: --norms is keep or unit')
  const { poolTemplates } = await import('@arcface/evaluate')
  const opened = await openModel(model, options)
  let templates: Templates
  try {
    templates = poolTemplates(await embedded(options, opened.embed))
  } finally {
    await opened.close()
  }
  const result = {
    templates: templates.ids.length,
    ...(pairs !== undefined && { verification: await verify(templates, pairs, options) }),
    ...(gallery !== undefined && {
      identification: await identify(templates, gallery, probes!, options),
    }),
    flip: options.flip === true,
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result))
}

async function embedded(
  { images, media, scores, norms, flip = false }: Options,
  embed: Parameters<typeof import('@arcface/evaluate').embedFiles>[1],
): Promise<TemplateInput> {
  const { DataError, readLandmarks, readTemplateMedia } = await import('@arcface/data')
  const { embedFiles, flipSum } = await import('@arcface/evaluate')
  const list = readTemplateMedia(media)
  let weights: Float32Array | undefined
  if (scores !== undefined) {
    const found = readLandmarks(scores)
    const byName = new Map(found.names.map((name, i) => [name, found.scores[i]!]))
    weights = Float32Array.from(list.names, (name) => {
      const score = byName.get(name)
      if (score === undefined)
        throw new DataError('DATA_LIST', `${scores} has no score of ${name}, which ${media} names.`)
      return score
    })
  }
  // An image of several templates is embedded once.
  const names = [...new Set(list.names)]
  const rowOf = new Map(names.map((name, row) => [name, row]))
  const files = names.map((name) => join(images, name))
  const { dim, ...found } = await embedFiles(files, embed, flip, { onProgress: progress('images') })
  const rows = flipSum({ dim, ...found })
  const embeddings = new Float32Array(list.names.length * dim)
  list.names.forEach((name, i) => {
    const row = rowOf.get(name)!
    embeddings.set(rows.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return {
    embeddings,
    dim,
    names: list.names,
    templateOf: list.templates,
    mediaOf: list.media,
    norms,
    ...(weights && { weights }),
  }
}

async function verify(templates: Templates, file: string, { far: fars }: Options) {
  const { readTemplatePairs } = await import('@arcface/data')
  const { areaUnderRoc, pairScores, scoresOf, tarAtFar, templateRows } = await import(
    '@arcface/evaluate'
  )
  const { onnxMatMul } = await import('@arcface/recognize')
  const { a, b, same } = readTemplatePairs(file)
  const options = { matmul: onnxMatMul(), onProgress: progress('pairs') }
  const [first, second] = [templateRows(templates, a), templateRows(templates, b)]
  const scores = scoresOf(await pairScores(templates, first, second, options), same)
  const at = (reading: 'strict' | 'nearest') =>
    Object.fromEntries(
      fars.map((far) => {
        const { tar, reachedFar, threshold } = tarAtFar(scores, far, reading)
        return [far, { tar, reachedFar, threshold }]
      }),
    )
  return {
    pairs: same.length,
    genuine: scores.genuine.length,
    auc: areaUnderRoc(scores),
    tarAtFar: at('strict'),
    tarAtNearestFar: at('nearest'),
  }
}

async function identify(
  templates: Templates,
  gallery: string,
  probes: string,
  { ranks, fpir: fpirs }: Options,
) {
  const { cmc, insightfaceTpir, mateRanks, search, tpirAtFpir } = await import('@arcface/evaluate')
  const { onnxMatMul } = await import('@arcface/recognize')
  const [enrolled, wanted] = [await subjects(templates, gallery), await subjects(templates, probes)]
  const result: SearchResult = await search({
    probes: wanted,
    probeOf: wanted.people,
    gallery: [enrolled.embeddings],
    galleryOf: enrolled.people,
    matmul: onnxMatMul(),
    keep: Math.max(...ranks),
    tail: Math.ceil(wanted.people.length * Math.max(...fpirs)),
    onProgress: progress('templates'),
  })
  const rates = cmc(result)
  const mated = mateRanks(result).filter((rank) => rank > 0).length
  const read = mated < result.probes ? tpirAtFpir : insightfaceTpir
  return {
    probes: result.probes,
    gallery: result.gallery,
    mated,
    cmc: Object.fromEntries(ranks.map((rank) => [rank, rates[rank - 1]!])),
    /** A closed set has no searches without a mate: then as InsightFace reads it. */
    reading: mated < result.probes ? 'open set' : 'InsightFace, closed set',
    tpirAtFpir: Object.fromEntries(
      fpirs.map((fpir) => {
        const { tpir, reachedFpir, threshold } = read(result, fpir)
        return [fpir, { tpir, reachedFpir, threshold }]
      }),
    ),
  }
}

/** The templates of a list, each once, with their people. */
async function subjects(templates: Templates, file: string) {
  const { readSubjects } = await import('@arcface/data')
  const { templateRows } = await import('@arcface/evaluate')
  const list = readSubjects(file)
  const people = new Map<number, number>()
  list.templates.forEach((template, i) => {
    people.set(template, list.subjects[i]!)
  })
  const rows = templateRows(templates, Int32Array.from(people.keys()))
  const { dim } = templates
  const embeddings = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    embeddings.set(templates.embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { embeddings, dim, people: Int32Array.from(people.values()) }
}

type Verified = Awaited<ReturnType<typeof verify>>
type Identified = Awaited<ReturnType<typeof identify>>

function table(result: {
  templates: number
  verification?: Verified
  identification?: Identified
  flip: boolean
}): string {
  const { templates, verification, identification, flip } = result
  const rows: [string, string][] = []
  if (verification) {
    const { tarAtFar, tarAtNearestFar, pairs, genuine } = verification
    for (const [far, { tar }] of Object.entries(tarAtFar)) {
      const near = tarAtNearestFar[far]!
      const reading = `InsightFace's reading ${percent(near.tar)} at FAR ${near.reachedFar.toExponential(1)}`
      rows.push([`TAR at FAR ${far}`, `${percent(tar)} (${reading})`])
    }
    rows.push(['AUC', verification.auc.toFixed(5)], ['pairs', `${pairs}, ${genuine} genuine`])
  }
  if (identification) {
    const { cmc, tpirAtFpir, reading, probes, mated, gallery } = identification
    for (const [rank, rate] of Object.entries(cmc)) rows.push([`rank-${rank}`, percent(rate)])
    for (const [fpir, { tpir }] of Object.entries(tpirAtFpir))
      rows.push([`TPIR at FPIR ${fpir}`, `${percent(tpir)} (${reading})`])
    rows.push(['probes', `${probes}, ${mated} enrolled in a gallery of ${gallery}`])
  }
  rows.push(['templates', `${templates}, ${flip ? 'with' : 'without'} flip`])
  return lines(rows)
}
