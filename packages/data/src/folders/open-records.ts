import { findRecords } from '../recordio/find.js'
import { type FolderDataset, type OpenFoldersOptions, openFolders } from './folders.js'

/**
 * Opens an MXNet RecordIO file as `openFolders` opens folders.
 *
 * @param path a `.rec`, or the folder that holds one
 * @throws DataError as `openFolders`
 */
export function openRecords(path: string, options: OpenFoldersOptions = {}): FolderDataset {
  return openFolders([findRecords(path)], options)
}
