import type { Command } from 'commander'
import { printable, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { columns } from '../terminal/table.js'
import { counted } from '../terminal/words.js'

export function register(audit: Command): void {
  audit
    .command('leaks')
    .description('What a run folder or a model file would give away if it were published')
    .argument('<path>', 'a run folder, an ONNX file, or whatever is to be published')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExits with 1 where it finds something.\n\nExamples:\n  $ arcface audit leaks runs/first\n  $ arcface audit leaks face.onnx',
    )
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { findLeaks, LEAKS } = await import('@arcface/evaluate/run')
      const { files, leaks } = await findLeaks(path, { onProgress: progressOf() })
      if (leaks.length > 0) process.exitCode = 1
      if (json) {
        const told = leaks.map((leak) => ({ ...leak, ...LEAKS[leak.kind] }))
        writeOut(`${JSON.stringify({ path, files, leaks: told })}\n`)
        return
      }
      const looked = `${counted(files, 'file')} looked through: `
      if (leaks.length === 0) return void writeOut(`${looked}nothing found\n`)
      writeOut(`${looked}${counted(leaks.length, 'finding')}\n`)
      for (const kind of new Set(leaks.map((leak) => leak.kind))) {
        const { meaning, todo } = LEAKS[kind]
        const rows = leaks.filter((leak) => leak.kind === kind)
        writeOut(`\n${meaning[0]!.toUpperCase()}${meaning.slice(1)}. What to do: ${todo}.\n`)
        writeOut(columns(rows.map(({ file, found }) => [`  ${printable(file)}`, found])))
      }
    })
}
