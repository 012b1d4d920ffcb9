/** Calls back with every new frame that a video shows, until what is returned is called. */
export function onFrames(video: HTMLVideoElement, callback: () => void): () => void {
  let ended = false
  let shown = -1
  const next = 'requestVideoFrameCallback' in video ? byVideo : byScreen
  const again = (isNew: boolean) => {
    if (ended) return
    next(video, again)
    if (isNew) callback()
  }
  next(video, again)
  return () => {
    ended = true
  }

  function byVideo(of: HTMLVideoElement, then: (isNew: boolean) => void): void {
    of.requestVideoFrameCallback(() => then(true))
  }

  function byScreen(of: HTMLVideoElement, then: (isNew: boolean) => void): void {
    requestAnimationFrame(() => {
      const isNew = of.readyState >= 2 && of.currentTime !== shown
      shown = of.currentTime
      then(isNew)
    })
  }
}

/** Sides of the picture that a frame is looked at in: its own, or smaller, the longer one `longest`. */
export function sizeWithin(
  { videoWidth, videoHeight }: HTMLVideoElement,
  longest: number,
): { width: number; height: number; scale: number } {
  const scale = Math.min(1, longest / Math.max(videoWidth, videoHeight))
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale))
  return { width: side(videoWidth), height: side(videoHeight), scale }
}

/** The frame that a video shows, to be moved to a worker: as it is in memory where the browser can, else a copy. */
export function frameOf(
  video: HTMLVideoElement,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<VideoFrame | ImageBitmap> {
  if (typeof VideoFrame === 'function') return Promise.resolve(new VideoFrame(video))
  return createImageBitmap(video, { resizeWidth: width, resizeHeight: height })
}
