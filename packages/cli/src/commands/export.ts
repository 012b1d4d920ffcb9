import type { Command } from 'commander'
import { thresholdsIn } from '../model/thresholds.js'
import { writeOut } from '../terminal/printable.js'

interface Options {
  onnx: string
  checkpoint: string
  thresholds?: string
  json?: boolean
}

export function register(program: Command): void {
  program
    .command('export')
    .description('Write the network of a run as an ONNX file')
    .argument('<run>', 'the folder that "arcface train" wrote')
    .requiredOption('--onnx <file>', 'the file to write')
    .option('--checkpoint <which>', 'best, latest, step-N, or the folder of a checkpoint', 'best')
    .option(
      '--thresholds <file>',
      "what evaluate threshold --out wrote, instead of the run's own verification",
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface export runs/faces --onnx faces.onnx --thresholds thresholds.json',
    )
    .action(async (run: string, { onnx, checkpoint, thresholds, json }: Options) => {
      const { exportRun } = await import('@arcface/train')
      const given = thresholds !== undefined && { thresholds: await thresholdsIn(thresholds) }
      const report = exportRun(run, onnx, { checkpoint, ...given })
      const { path, dim, nodes, parameters, bytes, step } = report
      writeOut(
        json
          ? `${JSON.stringify(report)}\n`
          : `${path}: step ${step}, ${dim} values an embedding, ${(parameters / 1e6).toFixed(2)} M parameters, ${nodes} nodes, ${(bytes / 1e6).toFixed(1)} MB\n`,
      )
    })
}
