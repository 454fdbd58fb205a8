/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.commons.fileupload2.core.AbstractFileUpload;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.RequestContext;

/** A form with files in it, read part by part as it comes; nothing is held but the part's piece. */
public final class MultipartForm {
  private static final int MOST_PARTS = 32;
  private static final int MOST_FIELD_BYTES = 64 << 10;

  private MultipartForm() {}

  /** Takes the parts of a form in their order. */
  public interface Parts {
    /** A field with its value. */
    void field(String name, String value) throws IOException;

    /**
     * A file.
     *
     * @param filename as the client calls it, or null
     * @param content is read within this call
     */
    void file(String name, String filename, InputStream content) throws IOException;
  }

  /**
   * Reads a form.
   *
   * @throws IOException if it is none, it breaks off, or has too many parts or too long a field
   */
  public static void read(Exchange exchange, Parts parts) throws IOException {
    Upload upload = new Upload();
    upload.setMaxFileCount(MOST_PARTS);
    upload.setHeaderCharset(StandardCharsets.UTF_8);
    FileItemInputIterator items = upload.getItemIterator(context(exchange));
    while (items.hasNext()) {
      FileItemInput item = items.next();
      try (InputStream content = item.getInputStream()) {
        if (item.isFormField()) {
          byte[] value = content.readNBytes(MOST_FIELD_BYTES + 1);
          if (value.length > MOST_FIELD_BYTES) {
            throw new IOException("the field '" + item.getFieldName() + "' is too long");
          }
          parts.field(item.getFieldName(), new String(value, StandardCharsets.UTF_8));
        } else {
          parts.file(item.getFieldName(), item.getName(), content);
        }
      }
    }
  }

  private static RequestContext context(Exchange exchange) {
    return new RequestContext() {
      @Override
      public String getCharacterEncoding() {
        return StandardCharsets.UTF_8.name();
      }

      @Override
      public long getContentLength() {
        return -1; // whoever takes the parts counts
      }

      @Override
      public String getContentType() {
        return exchange.header("Content-Type");
      }

      @Override
      public InputStream getInputStream() {
        return new FilterInputStream(exchange.body()) {
          @Override
          public void close() {
            // the library closes what has no boundary; the rest is still read before an answer
          }
        };
      }

      @Override
      public boolean isMultipartRelated() {
        return false;
      }
    };
  }

  /** The library's way in; the two ways that keep files themselves are not gone. */
  private static final class Upload
      extends AbstractFileUpload<RequestContext, DiskFileItem, DiskFileItemFactory> {
    @Override
    public FileItemInputIterator getItemIterator(RequestContext request) throws IOException {
      return super.getItemIterator(request);
    }

    @Override
    public Map<String, List<DiskFileItem>> parseParameterMap(RequestContext request) {
      throw new UnsupportedOperationException("parts are read as they come");
    }

    @Override
    public List<DiskFileItem> parseRequest(RequestContext request) {
      throw new UnsupportedOperationException("parts are read as they come");
    }
  }
}
