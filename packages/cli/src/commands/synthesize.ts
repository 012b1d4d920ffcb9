import type { Command } from 'commander'
import { integer, seed } from '../terminal/numbers.js'
import { writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'
import * as recaptures from './synthesize-recaptures.js'

interface Options {
  people?: number
  images?: number
  seed: number
  pairs?: string
  json?: boolean
}

export function register(program: Command): void {
  const synthesize = program
    .command('synthesize')
    .description(
      'Draw synthetic people as aligned faces, a folder a person; or recaptures of photographs',
    )
    .argument('<dir>', 'the folder to fill; must be empty or missing')
    .option('--people <n>', 'how many people (needed)', integer)
    .option('--images <n>', 'how many pictures of each (needed)', integer)
    .option('--seed <n>', 'decides everything; another seed draws other people', seed, 1)
    .option('--pairs <file>', 'also write ten folds of pairs of these people, for verification')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample, to train on 200 people and to measure on 60 others:\n' +
        '  $ arcface synthesize faces/train --people 200 --images 30 --seed 1\n' +
        '  $ arcface synthesize faces/test --people 60 --images 12 --seed 2 --pairs faces/pairs.txt',
    )
    .action(async (dir: string, { people, images, seed, pairs, json }: Options) => {
      // Required options of a command are asked for by its subcommands too.
      if (people === undefined) return missing(synthesize, '--people <n>')
      if (images === undefined) return missing(synthesize, '--images <n>')
      const { synthesizeFaces, synthesizeVerification } = await import('@arcface/data')
      const start = performance.now()
      const bar = progress('people')
      const onProgress = (drawn: number) => bar(drawn, people)
      const options = { people, imagesPerPerson: images, seed, onProgress }
      if (pairs === undefined) await synthesizeFaces(dir, options)
      else await synthesizeVerification(dir, pairs, options)
      const seconds = (performance.now() - start) / 1000
      writeOut(
        json
          ? `${JSON.stringify({ dir, people, images: people * images, pairs: pairs ?? null, seconds })}\n`
          : `${dir}: ${counted(people * images, 'picture')} of ${countedPeople(people)} in ${seconds.toFixed(1)} s` +
              `${pairs === undefined ? '' : `; pairs in ${pairs}`}\n`,
      )
    })
  recaptures.register(synthesize)
}

const missing = (command: Command, option: string): never =>
  command.error(`error: required option '${option}' not specified`, {
    code: 'commander.missingMandatoryOptionValue',
  })
