/**
 * Bytes to tensors and JSON, and back: safetensors, GGUF, configuration files. Every size is
 * checked against the file before anything is allocated or mapped.
 */
package org.tlora.format;
