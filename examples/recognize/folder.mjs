// The embeddings of a folder's faces as a table: node folder.mjs photos faces.parquet
import { join } from 'node:path'
import { embedPhotos, listPhotos, Recognizer, writeEmbeddings } from '@arcface/recognize'

const [folder, table] = process.argv.slice(2)

const recognizer = await Recognizer.open()
const paths = listPhotos(folder).photos.map((path) => join(folder, path))
const results = embedPhotos(recognizer, paths, { faces: 'all' })
const { faces, rejected, skipped } = await writeEmbeddings(table, recognizer.model.dim, results)
await recognizer.close()

console.log(`${faces} faces, ${rejected} too poor; ${skipped.length} photographs skipped`)
