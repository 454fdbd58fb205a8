/* SPDX-License-Identifier: Apache-2.0 */
/** Fine-tuning as a service: jobs that train one after the other, each in its own process. */
package org.tlora.serve.job;
