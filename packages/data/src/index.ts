/**
 * @arcface/data: what is on disk, and the way from there into a batch.
 *
 * In: folders of people (`root/person/image.jpg`) or of images of nobody in particular, MXNet RecordIO, lists of pairs in LFW's format or plain ones,
 * verification `.bin`, IJB's lists, or a seed from which synthetic faces are drawn. Out: lists of samples, pairs, and
 * batches of uint8 images. No tensor library, no model.
 *
 * Images are aligned faces, 112 x 112, RGB, rows of pixels (HWC), uint8: 37,632 bytes each. Labels are positions in
 * `classes`. Whatever is random depends on its key alone (seed, epoch, sample), never on threads or time.
 *
 * Memory: what a function returns is the caller's, except a `Batch`, which looks into the loader's ring and is the
 * caller's until it asks for the next one. Errors are `DataError`s with a code, and `FilesError`s where a file cannot
 * be read or written.
 */

export { type ImageFormat, imageFormat } from '@arcface/vision'
export { augment } from './augment/augment.js'
export type { AugmentOptions } from './augment/options.js'
export { type CheckOptions, type CheckResult, checkImages, type People } from './check/check.js'
export {
  describeData,
  imagesAPerson,
  type PairCounts,
  type PeopleCounts,
  type TemplateListCounts,
} from './check/describe.js'
export { THUMBNAIL, thumbnails } from './check/thumbnail.js'
export {
  type ConvertOptions,
  convertToBin,
  convertToRecords,
  writeFolders,
  writePairFolder,
} from './convert/convert.js'
export { type WriteRecordsOptions, writeRecords } from './convert/write-records.js'
export { type Curated, curate, type Decisions } from './curate/curate.js'
export { DataError, type DataErrorCode, dataErrors } from './errors.js'
export {
  type FolderDataset,
  type OpenFoldersOptions,
  openFolders,
} from './folders/folders.js'
export { openRecords } from './folders/open-records.js'
export { NOBODY, type Sample } from './folders/sample.js'
export { type SplitCounts, type SplitOptions, splitPeople } from './folders/split.js'
export { openUnlabelled, type UnlabelledImages } from './folders/unlabelled.js'
export { type IjbKind, ijbKind } from './ijb/kind.js'
export {
  type LandmarkList,
  listedFiles,
  readLandmarks,
  readSubjects,
  readTemplateMedia,
  readTemplatePairs,
  type SubjectList,
  type TemplateMediaList,
  type TemplatePairs,
} from './ijb/lists.js'
export { checkImage, decodeImage, isImageError } from './images/decode.js'
export { DECODING_BYTES, type EncodedImage, openImage } from './images/encoded.js'
export { IMAGE_EXTENSIONS } from './images/format.js'
export { decodeJpeg, jpegDecoder } from './images/jpeg.js'
export {
  encodedImage,
  type ImageRef,
  type ImageSource,
  imageFile,
  imageName,
  imageUrl,
  LARGEST_IMAGE,
  type NamedBytes,
} from './images/source.js'
export { imageKey, type ListedImage, readImageList, writeImageList } from './lists/images.js'
export { type Batch, Loader, type LoaderOptions, type SkippedImage } from './loader/loader.js'
export type { SamplerOptions } from './loader/sampler.js'
export { type GroupPairs, readGroupPairs } from './pairs/groups.js'
export type { FilePairs, PairList } from './pairs/list.js'
export { isPairs, openPairs } from './pairs/open.js'
export { type OwnPairs, type OwnPairsOptions, writeOwnPairs } from './pairs/own.js'
export { type ImageName, readPairs, writePairs } from './pairs/pairs.js'
export { writePlainPairs } from './pairs/plain.js'
export { type BinPairs, readBin } from './pairs/read-bin.js'
export { type PickleProtocol, writeBin } from './pairs/write-bin.js'
export type { FacePlace } from './recapture/face.js'
export { RECAPTURES, type Recapture, recapture, SIMULATED } from './recapture/recapture.js'
export { findRecords } from './recordio/find.js'
export { type RecordEntry, RecordFile } from './recordio/reader.js'
export type { ImageRecord } from './recordio/record.js'
export { RecordWriter } from './recordio/writer.js'
export {
  type SynthesizeOptions,
  type SynthesizeVerificationOptions,
  synthesizeFaces,
  synthesizeVerification,
} from './synthesize/synthesize.js'
