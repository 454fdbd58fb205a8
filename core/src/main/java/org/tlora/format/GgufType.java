/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.nio.ByteBuffer;

/**
 * The element types of GGUF files and how a block of each becomes float32. Layouts follow ggml's
 * {@code ggml-common.h}; values are {@code d · q} or {@code d · q + m} with the scale (and minimum)
 * of the block or sub-block.
 */
enum GgufType {
  F32(0, 1, 4) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      out[o] = b.getFloat();
    }
  },
  F16(1, 1, 2) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      out[o] = half(b.getShort());
    }
  },
  Q4_0(2, 32, 18) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      float d = half(b.getShort());
      for (int j = 0; j < 16; j++) {
        int q = b.get();
        out[o + j] = ((q & 15) - 8) * d;
        out[o + j + 16] = ((q >> 4 & 15) - 8) * d;
      }
    }
  },
  Q4_1(3, 32, 20) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      float d = half(b.getShort());
      float m = half(b.getShort());
      for (int j = 0; j < 16; j++) {
        int q = b.get();
        out[o + j] = (q & 15) * d + m;
        out[o + j + 16] = (q >> 4 & 15) * d + m;
      }
    }
  },
  Q5_0(6, 32, 22) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      float d = half(b.getShort());
      int high = b.getInt();
      for (int j = 0; j < 16; j++) {
        int q = b.get();
        out[o + j] = (((q & 15) | ((high >>> j & 1) << 4)) - 16) * d;
        out[o + j + 16] = (((q >> 4 & 15) | ((high >>> (j + 16) & 1) << 4)) - 16) * d;
      }
    }
  },
  Q5_1(7, 32, 24) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      float d = half(b.getShort());
      float m = half(b.getShort());
      int high = b.getInt();
      for (int j = 0; j < 16; j++) {
        int q = b.get();
        out[o + j] = ((q & 15) | ((high >>> j & 1) << 4)) * d + m;
        out[o + j + 16] = ((q >> 4 & 15) | ((high >>> (j + 16) & 1) << 4)) * d + m;
      }
    }
  },
  Q8_0(8, 32, 34) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      float d = half(b.getShort());
      for (int j = 0; j < 32; j++) {
        out[o + j] = b.get() * d;
      }
    }
  },
  Q2_K(10, 256, 84) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      int at = b.position();
      float d = half(b.getShort(at + 80));
      float min = half(b.getShort(at + 82));
      for (int j = 0; j < 256; j++) {
        int scale = b.get(at + j / 16);
        int quant = b.get(at + 16 + j / 128 * 32 + j % 32) >> (j % 128 / 32 * 2) & 3;
        out[o + j] = d * (scale & 15) * quant - min * (scale >> 4 & 15);
      }
      b.position(at + 84);
    }
  },
  Q3_K(11, 256, 110) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      int at = b.position();
      float d = half(b.getShort(at + 108));
      for (int j = 0; j < 256; j++) {
        int s = j / 16;
        // six-bit scales: twelve bytes hold sixteen low nibbles, then sixteen high pairs
        int low = b.get(at + 96 + s % 8) >> (s / 8 * 4) & 15;
        int high = b.get(at + 104 + s % 4) >> (s / 4 * 2) & 3;
        int scale = (low | (high << 4)) - 32;
        int quant = b.get(at + 32 + j / 128 * 32 + j % 32) >> (j % 128 / 32 * 2) & 3;
        int mask = b.get(at + j % 32) >> (j / 32) & 1;
        out[o + j] = d * scale * (quant - (mask == 1 ? 0 : 4));
      }
      b.position(at + 110);
    }
  },
  Q4_K(12, 256, 144) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      int at = b.position();
      float d = half(b.getShort(at));
      float min = half(b.getShort(at + 2));
      for (int s = 0; s < 8; s++) {
        float ds = d * subScale(b, at + 4, s);
        float ms = min * subMinimum(b, at + 4, s);
        for (int j = 0; j < 32; j++) {
          int quant = b.get(at + 16 + s / 2 * 32 + j) >> (s % 2 * 4) & 15;
          out[o + s * 32 + j] = ds * quant - ms;
        }
      }
      b.position(at + 144);
    }
  },
  Q5_K(13, 256, 176) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      int at = b.position();
      float d = half(b.getShort(at));
      float min = half(b.getShort(at + 2));
      for (int s = 0; s < 8; s++) {
        float ds = d * subScale(b, at + 4, s);
        float ms = min * subMinimum(b, at + 4, s);
        for (int j = 0; j < 32; j++) {
          int low = b.get(at + 48 + s / 2 * 32 + j) >> (s % 2 * 4) & 15;
          int high = b.get(at + 16 + j) >> s & 1;
          out[o + s * 32 + j] = ds * (low | (high << 4)) - ms;
        }
      }
      b.position(at + 176);
    }
  },
  Q6_K(14, 256, 210) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      int at = b.position();
      float d = half(b.getShort(at + 208));
      for (int j = 0; j < 256; j++) {
        int half = j / 128;
        int row = j % 128 / 32; // four rows of 32 share a byte's bits
        int low = b.get(at + half * 64 + row % 2 * 32 + j % 32) >> (row / 2 * 4) & 15;
        int high = b.get(at + 128 + half * 32 + j % 32) >> (row * 2) & 3;
        int scale = b.get(at + 192 + j / 16);
        out[o + j] = d * scale * ((low | (high << 4)) - 32);
      }
      b.position(at + 210);
    }
  },
  BF16(30, 1, 2) {
    @Override
    void decode(ByteBuffer b, float[] out, int o) {
      out[o] = Float.intBitsToFloat(b.getShort() << 16);
    }
  };

  private final int id;
  private final int elements;
  private final int bytes;

  GgufType(int id, int elements, int bytes) {
    this.id = id;
    this.elements = elements;
    this.bytes = bytes;
  }

  /** Elements of one block. */
  int blockElements() {
    return elements;
  }

  /** Bytes of one block. */
  int blockBytes() {
    return bytes;
  }

  /** Reads one block at the buffer's position into {@code out[o…]}. */
  abstract void decode(ByteBuffer block, float[] out, int o);

  static GgufType of(int id) {
    for (GgufType t : values()) {
      if (t.id == id) {
        return t;
      }
    }
    return null;
  }

  /** Six-bit sub-block scales of Q4_K and Q5_K: eight scales and eight minima in twelve bytes. */
  private static int subScale(ByteBuffer b, int at, int s) {
    return s < 4
        ? b.get(at + s) & 63
        : (b.get(at + s + 4) & 15) | ((b.get(at + s - 4) >> 6 & 3) << 4);
  }

  private static int subMinimum(ByteBuffer b, int at, int s) {
    return s < 4
        ? b.get(at + s + 4) & 63
        : (b.get(at + s + 4) >> 4 & 15) | ((b.get(at + s) >> 6 & 3) << 4);
  }

  /** IEEE binary16 to float. */
  static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 31;
    int fraction = bits & 0x3ff;
    if (exponent == 31) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (fraction << 13));
    }
    if (exponent == 0) {
      float tiny = fraction * 0x1p-24f;
      return sign == 0 ? tiny : -tiny;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
  }
}
