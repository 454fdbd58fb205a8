/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Function;
import org.tlora.data.Encoded;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/**
 * Encoded rows, of any number: beyond a bound of memory they are kept in a temporary file, of which
 * only the rows' places are held. The data files are read once, so that nobody can change them
 * under a run.
 */
public final class EncodedRows extends AbstractList<Encoded>
    implements RandomAccess, AutoCloseable {
  private static final long IN_MEMORY = 64L << 20;

  private final Function<int[], Encoded> decoder;
  private final long bound;
  private final List<Encoded> held = new ArrayList<>();
  private long[] places = new long[16]; // of the rows in the file, and its end
  private int stored;
  private long heldBytes;
  private FileChannel file;

  /** Rows that a function makes of their contents again. */
  public EncodedRows(Function<int[], Encoded> decoder) {
    this(decoder, IN_MEMORY);
  }

  /** Keeps about {@code bound} bytes in memory. */
  public EncodedRows(Function<int[], Encoded> decoder, long bound) {
    this.decoder = decoder;
    this.bound = bound;
  }

  @Override
  public boolean add(Encoded row) {
    if (file == null && heldBytes + bytes(row) <= bound) {
      held.add(row);
      heldBytes += bytes(row);
      return true;
    }
    try {
      store(row);
    } catch (IOException e) {
      throw new RunFault("encoded rows cannot be kept in a temporary file: " + Json.reason(e), e);
    }
    return true;
  }

  private static long bytes(Encoded row) {
    return 8L * row.ids().length + 64;
  }

  private void store(Encoded row) throws IOException {
    if (file == null) {
      Path path = Files.createTempFile("tlora-rows", ".bin");
      file =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    if (stored + 1 == places.length) {
      places = Arrays.copyOf(places, 2 * places.length);
    }
    int[] contents = row.contents();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * contents.length);
    bytes.asIntBuffer().put(contents);
    long at = places[stored];
    places[stored + 1] = at + bytes.capacity();
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
    stored++;
  }

  @Override
  public Encoded get(int index) {
    if (index < held.size()) {
      return held.get(index);
    }
    int i = index - held.size();
    if (i >= stored) {
      throw new IndexOutOfBoundsException("row " + index + " of " + size());
    }
    try {
      ByteBuffer bytes = ByteBuffer.allocate((int) (places[i + 1] - places[i]));
      while (bytes.hasRemaining()) {
        if (file.read(bytes, places[i] + bytes.position()) < 0) {
          throw new RunFault("the temporary file of encoded rows was truncated");
        }
      }
      int[] contents = new int[bytes.capacity() / Integer.BYTES];
      bytes.flip().asIntBuffer().get(contents);
      return decoder.apply(contents);
    } catch (IOException e) {
      throw new RunFault("encoded rows cannot be read back: " + Json.reason(e), e);
    }
  }

  @Override
  public int size() {
    return held.size() + stored;
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
