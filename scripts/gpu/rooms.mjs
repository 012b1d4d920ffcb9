/** The rooms that training needs, and its tests. */
export const rooms = ['onnx', 'vision', 'files', 'libtorch', 'data', 'evaluate', 'train', 'testing']
