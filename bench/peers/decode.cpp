// Bare libjpeg-turbo: decodes JPEGs that lie in memory into batches. decode LIST IMAGES
// LIST names a file a line. Speaks the protocol of bench/harness.mjs; a step is an epoch, IMAGES images.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <jpeglib.h>

constexpr int side = 112, batch = 128;
#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

int main(int, char** argv) {
  std::vector<std::vector<unsigned char>> files;
  std::ifstream list(argv[1]);
  for (std::string path; std::getline(list, path);) {
    std::ifstream file(path, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  files.resize(std::stoul(argv[2]));

  jpeg_error_mgr errors;
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  std::vector<unsigned char> images(size_t{batch} * side * side * 3);
  const auto epoch = [&] {
    for (size_t i = 0; i < files.size(); i++) {
      unsigned char* image = images.data() + i % batch * side * side * 3;
      jpeg_mem_src(&info, files[i].data(), files[i].size());
      jpeg_read_header(&info, TRUE);
      info.out_color_space = JCS_EXT_RGB;
      jpeg_start_decompress(&info);
      JSAMPROW rows[side];
      for (int y = 0; y < side; y++) rows[y] = image + y * side * 3;
      while (info.output_scanline < side)
        jpeg_read_scanlines(&info, rows + info.output_scanline, side - info.output_scanline);
      jpeg_finish_decompress(&info);
    }
  };

  std::printf("{\"ready\": true, \"version\": \"%s\"}\n", TEXT(LIBJPEG_TURBO_VERSION));
  std::fflush(stdout);
  std::string word;
  while (std::cin >> word && word == "run") {
    int steps;
    std::cin >> steps;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < steps; i++) epoch();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("{\"seconds\": %.9f}\n", seconds.count());
    std::fflush(stdout);
  }
}
