/* Stands in for libx264, libx265 and libSvtAv1Enc in the bundle.

PyAV's wheels link these encoders, and camviewer never uses them. The first two are under the GPL. NVIDIA's
libraries must not be given on together with such code, and others may not want to. The third is 8 MB, and only
writes AV1 (libdav1d reads it). So the bundle carries this instead, under camviewer's own licence. FFmpeg loads
it, finds nothing that encodes, and says so.

Build with -DX264_BUILD=N, -DX265_BUILD=N (the number is part of a function's name) or -DSVTAV1ENC_BUILD=0. */

const char camviewer_stand_in[] = "nothing that encodes: camviewer's stand-in"; /* standins.py looks for it */

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

#ifdef X264_BUILD
const char x264_levels[256] = {0};
void *JOIN(x264_encoder_open_, X264_BUILD)(void *param) { (void)param; return 0; }
int x264_param_default_preset(void *param) { (void)param; return -1; }
int x264_param_apply_profile(void *param) { (void)param; return -1; }
int x264_param_parse(void *param) { (void)param; return -1; }
int x264_encoder_reconfig(void *encoder) { (void)encoder; return -1; }
int x264_encoder_encode(void *encoder) { (void)encoder; return -1; }
int x264_encoder_headers(void *encoder) { (void)encoder; return -1; }
int x264_encoder_delayed_frames(void *encoder) { (void)encoder; return 0; }
int x264_encoder_maximum_delayed_frames(void *encoder) { (void)encoder; return 0; }
void x264_param_apply_fastfirstpass(void *param) { (void)param; }
void x264_param_cleanup(void *param) { (void)param; }
void x264_param_default(void *param) { (void)param; }
void x264_picture_init(void *picture) { (void)picture; }
void x264_picture_clean(void *picture) { (void)picture; }
void x264_encoder_close(void *encoder) { (void)encoder; }
#endif

#ifdef X265_BUILD
static void *nothing(void) { return 0; }
/* x265_api: eight numbers, then texts and functions; param_alloc, which is called first, gives nothing. */
static void *(*const api[512])(void) = {[4 ... 511] = nothing};
const void *JOIN(x265_api_get_, X265_BUILD)(int depth) { (void)depth; return api; }
#endif

#ifdef SVTAV1ENC_BUILD
/* The first that FFmpeg calls fails (EB_ErrorInsufficientResources), so that it calls no other. */
int svt_av1_enc_init_handle(void *handle) { (void)handle; return (int)0x80001000; }
int svt_av1_enc_set_parameter(void *handle) { (void)handle; return (int)0x80001000; }
int svt_av1_enc_parse_parameter(void *parameters) { (void)parameters; return (int)0x80001000; }
int svt_av1_enc_init(void *handle) { (void)handle; return (int)0x80001000; }
int svt_av1_enc_stream_header(void *handle) { (void)handle; return (int)0x80001000; }
int svt_av1_enc_stream_header_release(void *header) { (void)header; return 0; }
int svt_av1_enc_send_picture(void *handle) { (void)handle; return (int)0x80001000; }
int svt_av1_enc_get_packet(void *handle) { (void)handle; return (int)0x80001000; }
void svt_av1_enc_release_out_buffer(void *buffer) { (void)buffer; }
int svt_av1_enc_deinit(void *handle) { (void)handle; return 0; }
int svt_av1_enc_deinit_handle(void *handle) { (void)handle; return 0; }
int svt_add_metadata(void *buffer) { (void)buffer; return -1; }
void svt_metadata_array_free(void *metadata) { (void)metadata; }
#endif
