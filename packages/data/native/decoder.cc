#include "decoder.h"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jpeg {

namespace {

constexpr size_t longest_file = 1 << 20;
// A progressive file may repeat its scans without end; libvips draws the line here, too.
constexpr int most_scans = 100;
constexpr int row_bytes = side * 3;
// What jpeg_read_scanlines gives at most with chroma at half height.
constexpr int rows_at_once = 2;

void silent(j_common_ptr) {}

// A warning means damaged data. sharp, which says what it forgives, shall decide.
void on_message(j_common_ptr info, int level) {
  if (level < 0) info->err->error_exit(info);
}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > most_scans) info->err->error_exit(info);
}

uint32_t number(const uint8_t* bytes, int length, bool little) {
  uint32_t value = 0;
  for (int i = 0; i < length; i++) value = value << 8 | bytes[little ? length - 1 - i : i];
  return value;
}

// Whether EXIF data, a TIFF file behind "Exif\0\0", surely leave the image as it is stored: they name no orientation in
// their first directory, or 1. Of everything else sharp decides how it lies.
bool lies_as_stored(const uint8_t* bytes, size_t length) {
  constexpr size_t head = 6, entry = 12;
  constexpr uint32_t orientation = 0x0112, is_short = 3;
  if (length < head + 8 || std::memcmp(bytes, "Exif\0\0", head) != 0) return false;
  const uint8_t* tiff = bytes + head;
  const size_t size = length - head;
  const bool little = tiff[0] == 'I';
  if (std::memcmp(tiff, little ? "II*\0" : "MM\0*", 4) != 0) return false;
  const size_t start = number(tiff + 4, 4, little);
  if (start > size - 2) return false;
  const size_t count = number(tiff + start, 2, little);
  if (start + 2 + count * entry > size) return false;
  for (size_t i = 0; i < count; i++) {
    const uint8_t* field = tiff + start + 2 + i * entry;
    if (number(field, 2, little) != orientation) continue;
    if (number(field + 2, 2, little) != is_short || number(field + 4, 4, little) != 1 ||
        number(field + 8, 2, little) != 1)
      return false;
  }
  return true;
}

// Of the segments that were kept: those of APP2 hold colour profiles, which sharp applies; those of APP1 EXIF and XMP.
bool is_plain(const jpeg_marker_struct* marker) {
  for (; marker != nullptr; marker = marker->next) {
    if (marker->marker != JPEG_APP0 + 1) return false;
    const bool is_exif = marker->data_length >= 4 && std::memcmp(marker->data, "Exif", 4) == 0;
    if (is_exif && !lies_as_stored(marker->data, marker->data_length)) return false;
  }
  return true;
}

bool is_ordinary(const jpeg_decompress_struct& info) {
  const bool color = info.num_components == 3 && (info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_RGB);
  const bool grey = info.num_components == 1 && info.jpeg_color_space == JCS_GRAYSCALE;
  return info.image_width == side && info.image_height == side && info.data_precision == 8 && (color || grey) &&
         is_plain(info.marker_list);
}

// In steps that stay in registers; a call of memcpy for each row costs more than the copy.
void copy_row(const uint8_t* from, uint8_t* to) {
  static_assert(row_bytes % 16 == 0, "");
  for (int i = 0; i < row_bytes; i += 16) std::memcpy(to + i, from + i, 16);
}

// A row of BGR read backwards is the mirrored row of RGB.
void mirror_row(const uint8_t* from, uint8_t* to) {
  for (int i = 0; i < row_bytes; i += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, from + row_bytes - 8 - i, 8);
    bytes = __builtin_bswap64(bytes);
    std::memcpy(to + i, &bytes, 8);
  }
}

uint32_t u32(const uint8_t* bytes) {
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

// As many bytes from `offset` on as there are, at most `length`.
size_t read_at(int file, uint8_t* out, size_t length, int64_t offset) {
  size_t done = 0;
  while (done < length) {
    const ssize_t got = pread(file, out + done, length - done, offset + done);
    if (got <= 0) break;
    done += got;
  }
  return done;
}

struct Part {
  const uint8_t* start = nullptr;
  size_t length = 0;
};

// The image in a record of one part: behind dmlc-core's frame, MXNet's header <IfQQ and its labels, before the padding.
// Nothing for everything else. Each number is read once: the bytes of a map may change.
Part image_in_record(const uint8_t* bytes, size_t length) {
  constexpr size_t frame = 8, header = 24;
  if (length < frame + header || u32(bytes) != 0xced7230a) return {};
  const uint32_t word = u32(bytes + 4);
  if (word >> 29 != 0 || frame + word > length) return {};
  const size_t start = frame + header + size_t{4} * u32(bytes + frame);
  if (start >= frame + word) return {};
  return {bytes + start, frame + word - start};
}

}  // namespace

// Leaves libjpeg for `decode`, past `read`, whose variables therefore need no destructors.
void Decoder::fail(j_common_ptr info) { std::longjmp(reinterpret_cast<Errors*>(info->err)->failed, 1); }

Decoder::Decoder() : file_(new uint8_t[longest_file]) {
  info_.err = jpeg_std_error(&errors_.base);
  errors_.base.error_exit = fail;
  errors_.base.emit_message = on_message;
  errors_.base.output_message = silent;
  progress_.progress_monitor = count_scans;
}

bool Decoder::decode(const uint8_t* bytes, size_t length, uint8_t* out, bool mirror) {
  if (length < 4 || bytes[0] != 0xff || bytes[1] != 0xd8) return false;
  const bool done = setjmp(errors_.failed) == 0 && read(bytes, length, out, mirror);
  jpeg_destroy_decompress(&info_);
  return done;
}

bool Decoder::read(const uint8_t* bytes, size_t length, uint8_t* out, bool mirror) {
  // A new object for every image: one that is used again lends a file without tables those of the file before.
  jpeg_create_decompress(&info_);
  info_.progress = &progress_;
  jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
  jpeg_save_markers(&info_, JPEG_APP0 + 2, 1);
  jpeg_mem_src(&info_, const_cast<uint8_t*>(bytes), length);
  jpeg_read_header(&info_, TRUE);
  if (!is_ordinary(info_)) return false;
  // The rest of the defaults is what sharp decodes with: the accurate integer DCT, smooth chroma.
  info_.out_color_space = mirror ? JCS_EXT_BGR : JCS_EXT_RGB;
  jpeg_start_decompress(&info_);
  // Rows that begin on a multiple of 32 bytes libjpeg-turbo writes past the caches, which takes longer than the copy
  // from rows that do not; and a row that is in the cache can be mirrored on its way.
  alignas(64) uint8_t buffer[1 + rows_at_once * row_bytes];
  JSAMPROW rows[rows_at_once];
  for (int i = 0; i < rows_at_once; i++) rows[i] = buffer + 1 + i * row_bytes;
  while (info_.output_scanline < side) {
    const int count = jpeg_read_scanlines(&info_, rows, rows_at_once);
    for (int i = 0; i < count; i++, out += row_bytes)
      if (mirror) mirror_row(rows[i], out);
      else copy_row(rows[i], out);
  }
  jpeg_finish_decompress(&info_);
  return true;
}

bool Decoder::decode_file(const char* path, int64_t offset, size_t length, uint8_t* out, bool mirror) {
  if (offset >= 0 && length > 0 && length <= longest_file) {
    const uint8_t* record = maps_.at(path, offset, length);
    if (record != nullptr) return decode_record(record, length, out, mirror);
  }
  // Without O_NONBLOCK a named pipe would wait for its writer.
  const int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return false;
  if (offset < 0) {
    struct stat status;
    const bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    length = regular ? static_cast<size_t>(status.st_size) : 0;
  }
  const bool fits = length > 0 && length <= longest_file;
  const bool whole = fits && read_at(file, file_.get(), length, std::max<int64_t>(offset, 0)) == length;
  close(file);
  if (!whole) return false;
  if (offset < 0) return decode(file_.get(), length, out, mirror);
  return decode_record(file_.get(), length, out, mirror);
}

bool Decoder::decode_record(const uint8_t* record, size_t length, uint8_t* out, bool mirror) {
  const Part image = image_in_record(record, length);
  return image.start != nullptr && decode(image.start, image.length, out, mirror);
}

}  // namespace jpeg
