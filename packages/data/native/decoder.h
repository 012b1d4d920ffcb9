// Decodes aligned faces from JPEG with libjpeg-turbo. One decoder serves one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>

#include <csetjmp>
#include <jpeglib.h>

#include "map.h"

namespace jpeg {

// Side of an aligned face, in pixels, and the bytes of one: RGB, rows of pixels.
constexpr int side = 112;
constexpr size_t image_bytes = side * side * 3;

class Decoder {
 public:
  Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Decodes `bytes` into the `image_bytes` of `out`, mirrored if asked. False for everything but an ordinary, whole
  // JPEG of side x side pixels: grey, YCbCr or RGB, 8 bit, without colour profile, and not
  // turned by EXIF. `out` is then undefined.
  bool decode(const uint8_t* bytes, size_t length, uint8_t* out, bool mirror);

  // The same of a file, or with offset >= 0 of the RecordIO record of `length` bytes there, which is decoded where a
  // map of the file holds it, and read first only where the file cannot be mapped. False also where it cannot be read,
  // has more than a MiB, or is a record of several parts.
  bool decode_file(const char* path, int64_t offset, size_t length, uint8_t* out, bool mirror);

 private:
  struct Errors {
    jpeg_error_mgr base;
    std::jmp_buf failed;
  };
  static void fail(j_common_ptr info);
  bool decode_record(const uint8_t* record, size_t length, uint8_t* out, bool mirror);
  bool read(const uint8_t* bytes, size_t length, uint8_t* out, bool mirror);

  jpeg_decompress_struct info_;
  Errors errors_;
  jpeg_progress_mgr progress_;
  std::unique_ptr<uint8_t[]> file_;
  Maps maps_;
};

}  // namespace jpeg
