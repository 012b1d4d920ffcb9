import { extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { addPreprocessing } from '../model/preprocessing.js'
import { cosine, integer, rate, seed } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { check } from './data-check.js'
import { curated } from './data-curate.js'
import { info } from './data-info.js'
import { pairs, split } from './data-own.js'
import { suspect } from './data-suspects.js'
import { convertNetwork, convertWeights, isWeights } from './data-weights.js'

export function register(program: Command): void {
  const data = program
    .command('data')
    .description('Convert, count and check data sets and weights')
    .addHelpText('after', '\nExample:\n  $ arcface data info faces')
  data
    .command('convert')
    .description('From one format to another, by the endings of the names')
    .argument('<src>', 'people: a folder or .rec; pairs: .txt, .csv or .bin; weights: see below')
    .argument(
      '<dst>',
      'a .rec or a folder; a .bin or a folder; .safetensors, .params, .pth or .onnx',
    )
    .option('--images <dir>', 'where the images of a list of pairs lie')
    .option(
      '--symbol <file>',
      "MXNet's network, for .params to .onnx (default: the one beside them)",
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nWeights are .params (MXNet), .pth and .pt (PyTorch) and .safetensors. No code in a file is run.\n' +
        'A .params with its -symbol.json beside it becomes a network, an .onnx.\n' +
        '\nExamples:\n' +
        '  $ arcface data convert faces faces.rec\n' +
        '  $ arcface data convert ms1m/train.rec ms1m-folders\n' +
        '  $ arcface data convert lfw/pairs.txt lfw.bin --images lfw\n' +
        '  $ arcface data convert model-0000.params model.safetensors\n' +
        '  $ arcface data convert model-0000.params model.onnx   # with model-symbol.json',
    )
    .action(convert)
  data
    .command('info')
    .description('What is in a data set or a file of weights')
    .argument(
      '<path>',
      'a folder of people, .rec, .bin, .txt or .csv of pairs, a list of IJB, .params, .pth, .safetensors',
    )
    .option('--images <dir>', 'where the images of a list of pairs lie')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ arcface data info faces.rec')
    .action(info)
  data
    .command('split')
    .description('People of one folder into two, for training and for testing; nobody is in both')
    .argument('<src>', 'a folder of people')
    .argument('<train>', 'a new folder')
    .argument('<test>', 'a new folder')
    .option('--share <share>', 'of the people who are tested on', rate, 0.2)
    .option('--seed <n>', 'decides who', seed, 1)
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nImages are hard links, or copies where links cannot be.\n\nExample:\n  $ arcface data split faces faces-train faces-test --share 0.2',
    )
    .action(split)
  data
    .command('pairs')
    .description('A balanced list of pairs of your own people, in folds that share nobody')
    .argument('<src>', 'a folder of people')
    .argument('<out>', 'the list, .txt or .csv; its paths begin in <src>', listName)
    .option('--folds <n>', 'two at least; fewer where there are too few people', folds, 10)
    .option('--pairs <n>', 'of each kind a fold; fewer where there are not so many', integer, 300)
    .option('--seed <n>', 'decides which', seed, 1)
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface data pairs faces-test pairs.txt\n  $ arcface evaluate verification --model runs/mine --images faces-test --pairs pairs.txt',
    )
    .action(pairs)
  data
    .command('curate')
    .description(
      'The list of images that is left by decisions about some, for data.list of a training',
    )
    .argument('<decisions>', 'JSON: roots, and images to drop or to move to another person')
    .argument('<out>', 'the list')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nThe images stay as they are. A file of decisions:\n' +
        '  {"roots": ["faces"], "decisions": [\n' +
        '    {"image": "faces/ada/7.jpg", "decision": "drop"},\n' +
        '    {"image": "faces/ada/8.jpg", "decision": "move", "person": "bob"}]}\n' +
        '\nExample:\n  $ arcface data curate decisions.json curated.txt\n  $ arcface train config.yaml --set data.list=curated.txt',
    )
    .action(curated)
  const suspecting = data
    .command('suspects')
    .description(
      'Wrong labels, copies, folders of one person, people of another set, poor images: what to look at',
    )
    .argument('<roots...>', 'folders of people or .rec files, as data.roots')
    .requiredOption('--out <dir>', 'folder for suspects.json, points.json and embeddings')
    .option(
      '--model <model>',
      'a pack, an ONNX file or a run folder (default: the run, else the default)',
    )
    .option('--run <run>', 'a run with sub-centers: wrong labels are what is far from its centres')
    .option('--list <file>', 'only these images, as data.list')
    .option('--against <path>', 'another data set: who of it is here too?')
    .option('--groups <table>', 'people or images and their groups, for the map')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(suspecting)
    .addHelpText(
      'after',
      '\nNothing is changed: decide, then "arcface data curate" writes a list.\n\nExamples:\n' +
        '  $ arcface data suspects faces --out suspects\n' +
        '  $ arcface data suspects faces --run runs/first --against faces-test --out suspects',
    )
    .action(suspect)
  const checking = data
    .command('check')
    .description('Corrupt images, copies, people with few images, people shared by two sets')
    .argument('<path>', 'a folder of people, a .rec, or pairs: .bin, .txt, .csv')
    .option('--images <dir>', 'where the images of a list of pairs lie')
    .option(
      '--min-images <n>',
      'people with fewer images are listed (default: 2, of pairs 1)',
      integer,
    )
    .option('--near [cosine]', 'pictures that look alike, too: re-encoded, resized copies', cosine)
    .option('--against <path>', 'another data set: who of it is here too? Needs --model')
    .option('--against-images <dir>', 'where its images lie, if it is a list of pairs')
    .option('--model <model>', 'an ONNX file or a run folder, to compare by embedding')
    .option('--threshold <cosine>', 'pairs of people above it are listed', cosine, 0.5)
    .option('--out <file>', 'the list of shared people as CSV, to look at', 'shared-people.csv')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(checking)
    .addHelpText(
      'after',
      '\nExits with 1 where something was found.\n\nExamples:\n' +
        '  $ arcface data check faces --min-images 5\n' +
        '  $ arcface data check faces --near\n' +
        '  $ arcface data check train.rec --against lfw.bin --model faces.onnx --out shared.csv',
    )
    .action(check)
}

async function convert(
  src: string,
  dst: string,
  { images, symbol, json }: { images?: string; symbol?: string; json?: boolean },
  command: Command,
): Promise<void> {
  const data = await import('@arcface/data')
  const [from, to] = [ending(src), ending(dst)]
  let result: Record<string, unknown>
  if (from === '.params' && to === '.onnx') {
    result = await convertNetwork(src, dst, symbol)
  } else if (isWeights(from)) {
    if (!isWeights(to))
      command.error(`error: weights become .safetensors, .params or .pth, not ${to}`)
    result = await convertWeights(src, dst)
  } else if (data.isPairs(src)) {
    const pairs = data.openPairs(src, images)
    if (to === '.bin') data.convertToBin(dst, pairs)
    else if (to === '') data.writePairFolder(dst, pairs)
    else command.error(`error: pairs become a .bin or a folder, not ${to}`)
    result = { pairs: pairs.same.length, folds: pairs.folds }
  } else {
    const set = data.openFolders([src])
    set.warnings.forEach(warn)
    const bar = progress('images')
    const onProgress = (done: number) => bar(done, set.samples.length)
    if (to === '.rec') data.convertToRecords(dst, set, { onProgress, onWarning: warn })
    else if (to === '') data.writeFolders(dst, set, { onProgress })
    else command.error(`error: people become a .rec or a folder, not ${to}`)
    result = { people: set.classes.length, images: set.samples.length }
  }
  const counts = Object.entries(result).map(([what, n]) => `${n} ${what}`)
  writeOut(json ? `${JSON.stringify({ src, dst, ...result })}\n` : `${dst}: ${counts.join(', ')}\n`)
}

const ending = (path: string) => extname(path).toLowerCase()

function folds(text: string): number {
  const value = integer(text)
  if (value < 2)
    throw new InvalidArgumentError(
      'The threshold of a fold is found on the others: give two at least.',
    )
  return value
}

function listName(path: string): string {
  if (!['.txt', '.csv'].includes(ending(path)))
    throw new InvalidArgumentError('A list of pairs ends in .txt or .csv.')
  return path
}
