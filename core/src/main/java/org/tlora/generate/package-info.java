/** Text from a model: sampling, stopping, batches that share nothing but the matrix products. */
package org.tlora.generate;
