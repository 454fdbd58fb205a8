/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/** A file that is to be on the hub: one of this machine as it is, or bytes in memory. */
public final class UploadFile {
  private static final int SAMPLE = 512;

  private final String path;
  private final Path file; // null: its bytes are here
  private final byte[] bytes; // null: they are in the file
  private final long size;
  private final FileTime written; // of the file
  private String sha256; // null until it is needed

  private UploadFile(String path, Path file, byte[] bytes, long size, FileTime written) {
    this.path = path;
    this.file = file;
    this.bytes = bytes;
    this.size = size;
    this.written = written;
  }

  /**
   * One of this machine.
   *
   * @param path its place in the repository, with slashes
   * @throws InputFault if it cannot be read
   */
  public static UploadFile of(String path, Path file) {
    try {
      return new UploadFile(path, file, null, Files.size(file), Files.getLastModifiedTime(file));
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** One of these bytes, which must not change. */
  public static UploadFile of(String path, byte[] bytes) {
    return new UploadFile(path, null, bytes, bytes.length, null);
  }

  /** Its place in the repository. */
  public String path() {
    return path;
  }

  /** In bytes. */
  public long size() {
    return size;
  }

  /**
   * SHA-256 of its bytes, in hexadecimal.
   *
   * @throws InputFault if it cannot be read
   */
  public synchronized String sha256() {
    if (sha256 == null) {
      try {
        sha256 = bytes == null ? Sha256.of(file) : new Sha256().add(bytes).hex();
      } catch (IOException e) {
        throw cannotBeRead(e);
      }
    }
    return sha256;
  }

  /** What git calls a small file: SHA-1 of its bytes behind a head. */
  String gitSha1() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * All of it, which must be small.
   *
   * @throws InputFault if it cannot be read
   */
  public byte[] bytes() {
    try {
      return bytes == null ? Files.readAllBytes(file) : bytes;
    } catch (IOException e) {
      throw cannotBeRead(e);
    }
  }

  /** Its first bytes, by which the hub sees whether it is text. */
  byte[] sample() {
    try (InputStream in = open(0, Math.min(size, SAMPLE))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw cannotBeRead(e);
    }
  }

  private InputFault cannotBeRead(IOException e) {
    return new InputFault(path + " cannot be read: " + Json.reason(e), e);
  }

  /**
   * Makes sure that the file is what it was when its hash was taken, as far as its size and time
   * tell.
   *
   * @throws RunFault if somebody has written to it
   */
  void requireUnchanged() throws IOException {
    boolean same =
        file == null
            || (Files.size(file) == size && Files.getLastModifiedTime(file).equals(written));
    if (!same) {
      throw new RunFault(file + " has changed while it was pushed: push again");
    }
  }

  /** Reads {@code count} bytes from {@code from} on. */
  InputStream open(long from, long count) throws IOException {
    if (bytes != null) {
      return new ByteArrayInputStream(bytes, Math.toIntExact(from), Math.toIntExact(count));
    }
    FileChannel channel = FileChannel.open(file);
    try {
      return new Region(Channels.newInputStream(channel.position(from)), count);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The first bytes of a stream, neither more nor fewer. */
  private static final class Region extends FilterInputStream {
    private long left;

    private Region(InputStream in, long count) {
      super(in);
      left = count;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int n = read(one, 0, 1);
      return n < 0 ? n : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0) {
        return length == 0 ? 0 : -1;
      }
      int n = in.read(buffer, offset, (int) Math.min(length, left));
      if (n < 0) {
        throw new EOFException("the file has become shorter");
      }
      left -= n;
      return n;
    }
  }
}
