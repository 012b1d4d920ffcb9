import { printable, writeOut } from '../terminal/printable.js'
import { counted, countedPeople } from '../terminal/words.js'

/** `arcface data curate` */
export async function curated(
  decisions: string,
  out: string,
  { json }: { json?: boolean },
): Promise<void> {
  const { curate } = await import('@arcface/data')
  const result = curate(decisions, out)
  const { people, images, dropped, moved } = result
  writeOut(
    json
      ? `${JSON.stringify({ decisions, out, ...result })}\n`
      : `${printable(out)}: ${counted(images, 'image')} of ${countedPeople(people)}; ${dropped} dropped, ${moved} moved\n`,
  )
}
