/* Stands in for libx264 and libx265 in the bundle.

PyAV's wheels link these two encoders, which are under the GPL, and camviewer never uses them. NVIDIA's libraries
must not be given on together with such code, and others may not want to: so the bundle carries this instead,
under camviewer's own licence. FFmpeg loads it, finds nothing that encodes, and says so.

Build with -DX264_BUILD=N or -DX265_BUILD=N: the number is part of a function's name. */

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
