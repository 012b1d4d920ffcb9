/** What stands in the way of recognising; the message names the model or file and says what to do. */
export class RecognizeError extends Error {
  override readonly name = 'RecognizeError'
  constructor(
    readonly code: /** ONNX Runtime cannot load the file. */
      | 'RECOGNIZE_LOAD'
      /** It is no network from 112x112 images to one embedding each. */
      | 'RECOGNIZE_MODEL_SHAPE'
      /** The preprocessing given, or the one in the sidecar file, is not valid. */
      | 'RECOGNIZE_PREPROCESSING'
      /** The images given are not n x 112 x 112 x 3. */
      | 'RECOGNIZE_IMAGES'
      /** The network failed on a batch. */
      | 'RECOGNIZE_RUN'
      /** A photograph cannot be read, or has too many pixels. */
      | 'RECOGNIZE_PHOTO'
      /** It is no detector that is known here. */
      | 'RECOGNIZE_DETECTOR'
      /** An embedding is zero or not finite. */
      | 'RECOGNIZE_EMBEDDING'
      /** A model pack is unknown, not installed, or not described as it should be. */
      | 'RECOGNIZE_PACK'
      /** The folder of the models cannot be read or written. */
      | 'RECOGNIZE_CACHE'
      /** A licence that forbids commercial use was not accepted. */
      | 'RECOGNIZE_LICENCE'
      /** No checksum of a download is known, and taking it all the same was not allowed. */
      | 'RECOGNIZE_UNVERIFIED'
      /** A download failed. */
      | 'RECOGNIZE_DOWNLOAD'
      /** What came, or what lies in the cache, is not what the pack names. */
      | 'RECOGNIZE_CHECKSUM'
      /** An archive is damaged, hostile, or not the one described. */
      | 'RECOGNIZE_ARCHIVE'
      /** A photograph shows no face. */
      | 'RECOGNIZE_NO_FACE'
      /** The face of a photograph is too small, blurred or turned to be recognised, or hardly a face. */
      | 'RECOGNIZE_POOR_FACE'
      /** A photograph shows several faces where one is wanted. */
      | 'RECOGNIZE_MANY_FACES'
      /** A gallery is of another model. */
      | 'GALLERY_MODEL'
      /** A gallery, or a file to import, is of a newer version or no such thing at all. */
      | 'GALLERY_FORMAT'
      /** No gallery lies there. */
      | 'GALLERY_MISSING'
      /** Another process is writing. */
      | 'GALLERY_LOCKED'
      /** It cannot be the name of a person or a group. */
      | 'GALLERY_NAME'
      /** Metadata are no object, or hold what JSON does not. */
      | 'GALLERY_METADATA'
      /** Nobody has this name, or somebody has it already. */
      | 'GALLERY_PERSON'
      /** No face has this id. */
      | 'GALLERY_FACE'
      /** The disk is full. What was acknowledged is there. */
      | 'GALLERY_DISK_FULL'
      /** A file to export to cannot be written. */
      | 'GALLERY_EXPORT'
      /** Files of a gallery may not be read or written by this user. */
      | 'GALLERY_ACCESS'
      /** Files of a gallery are damaged or gone. */
      | 'GALLERY_DAMAGED'
      /** LanceDB's engine, an optional dependency, is not installed. */
      | 'GALLERY_ENGINE'
      /** LanceDB failed. */
      | 'GALLERY_STORE'
      /** An option is out of range, or the embedder is closed. */
      | 'RECOGNIZE_USE',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Whether it is one photograph that something is wrong with: work on many passes it over and says so. */
export const isOfPhoto = (error: unknown): error is RecognizeError =>
  error instanceof RecognizeError &&
  ['RECOGNIZE_PHOTO', 'RECOGNIZE_MANY_FACES', 'RECOGNIZE_POOR_FACE'].includes(error.code)
