import type { Command } from 'commander'
import { withProgress } from '../launch/display.js'
import { withFiles } from '../model/training.js'
import { endInterrupted } from '../terminal/interrupt.js'
import { writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'

export function register(program: Command): void {
  program
    .command('ablate')
    .description('Train the same network on the same data under a list of losses, and compare')
    .argument('<config>', 'a configuration with a part "ablation"; see examples/ablation-cpu.yaml')
    .option(
      '--set <key=value>',
      'replace a value of the configuration; may be repeated',
      repeated,
      [],
    )
    .option('--json', 'print the table as one JSON object')
    .addHelpText(
      'after',
      '\nWhat is finished is not trained again: after an interruption the same command goes on.\n\nExample:\n  $ arcface ablate examples/ablation-cpu.yaml --set train.epochs=4 --set output=runs/quick',
    )
    .action(async (path: string, options: { set: string[]; json?: boolean }) => {
      const { ablate, accuracyCells, angleCells, loadAblation } = await import('@arcface/train')
      const plan = loadAblation(path, options.set)
      for (const trial of plan.trials) trial.config = await withFiles(trial.config)
      const { finished, table } = await withProgress((events, say) =>
        ablate(plan, {
          ...events,
          onTrial: ({ label, seed }, index, state) =>
            say(`[${index + 1}/${plan.trials.length}] ${label}, seed ${seed}: ${words[state]}`),
        }),
      )
      if (options.json) writeOut(`${JSON.stringify({ finished, ...table })}\n`)
      else {
        print(accuracyCells(table))
        print(angleCells(table))
        writeOut(`report: ${plan.output}/report.html\n`)
      }
      if (!finished) endInterrupted()
    })
}

const words = { new: 'training', resumed: 'going on', finished: 'finished before' } as const

function print({ header, body }: Cells): void {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  if (body.length > 0)
    writeOut(line(header) + line(header.map(() => '---')) + body.map(line).join('') + '\n')
}
type Cells = ReturnType<typeof import('@arcface/train').accuracyCells>
