// ONNX Runtime's own binaries tell its maker about each session over the network (POSIX telemetry, from 1.29), unless this stands in the environment before the library is loaded. Import this before it, everywhere.
process.env['ORT_DISABLE_TELEMETRY'] = '1';
