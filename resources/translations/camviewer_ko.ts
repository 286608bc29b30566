<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>AllView</name>
    <message>
        <source>All classes side by side</source>
        <translation>모든 클래스를 나란히</translation>
    </message>
    <message>
        <source>{0}: {1}, {2} of {3}</source>
        <translation>{0}: {1}, {3}개 중 {2}번째</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Progress</source>
        <translation>진행 상황</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>CaptionControl</name>
    <message>
        <source>{0} classes side by side, one scale</source>
        <translation>클래스 {0}개 나란히, 같은 스케일</translation>
    </message>
    <message>
        <source>PAUSED</source>
        <translation>일시정지</translation>
    </message>
    <message>
        <source>FROZEN</source>
        <translation>정지</translation>
    </message>
</context>
<context>
    <name>CaptionStrip</name>
    <message>
        <source>Caption</source>
        <translation>캡션</translation>
    </message>
</context>
<context>
    <name>CardControl</name>
    <message>
        <source>Save the model card</source>
        <translation>모델 카드 저장</translation>
    </message>
    <message>
        <source>Model cards ({0})</source>
        <translation>모델 카드({0})</translation>
    </message>
    <message>
        <source>Saved as {0}.</source>
        <translation>{0}(으)로 저장했습니다.</translation>
    </message>
    <message>
        <source>Choose up to five photos</source>
        <translation>사진을 다섯 장까지 고르세요</translation>
    </message>
    <message>
        <source>Photos ({0})</source>
        <translation>사진 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
</context>
<context>
    <name>CardForm</name>
    <message>
        <source>bilinear</source>
        <translation>쌍선형</translation>
    </message>
    <message>
        <source>bicubic</source>
        <translation>쌍삼차</translation>
    </message>
    <message>
        <source>red, green, blue</source>
        <translation>빨강, 초록, 파랑</translation>
    </message>
    <message>
        <source>blue, green, red</source>
        <translation>파랑, 초록, 빨강</translation>
    </message>
    <message>
        <source>Labels…</source>
        <translation>레이블…</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>구조</translation>
    </message>
    <message>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>매개변수</translation>
    </message>
    <message>
        <source>Maps</source>
        <translation>맵</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>층</translation>
    </message>
    <message>
        <source>What the network is given</source>
        <translation>신경망 입력</translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation>크기</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>채널</translation>
    </message>
    <message>
        <source>Short side resized to</source>
        <translation>짧은 변 크기</translation>
    </message>
    <message>
        <source>Centre crop</source>
        <translation>가운데 자르기</translation>
    </message>
    <message>
        <source>Between pixels</source>
        <translation>픽셀 사이 보간</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>평균</translation>
    </message>
    <message>
        <source>Standard deviation</source>
        <translation>표준편차</translation>
    </message>
    <message>
        <source>Order of colours</source>
        <translation>색 순서</translation>
    </message>
    <message>
        <source>What comes out</source>
        <translation>신경망 출력</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Change the labels</source>
        <translation>레이블 바꾸기</translation>
    </message>
    <message>
        <source>Probabilities</source>
        <translation>확률</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>쓰지 않은 것</translation>
    </message>
    <message>
        <source>Squeezed to a square of</source>
        <translation>정사각형으로 줄이는 크기</translation>
    </message>
    <message>
        <source>Write {0} numbers with commas between them, such as 0.485, 0.456, 0.406.</source>
        <translation>수 {0}개를 쉼표로 나누어 쓰세요. 예: 0.485, 0.456, 0.406.</translation>
    </message>
</context>
<context>
    <name>CardWindow</name>
    <message>
        <source>Model card</source>
        <translation>모델 카드</translation>
    </message>
    <message>
        <source>Are these the classes that you expect? If they are nonsense, look at the order of colours, the mean and the standard deviation first, then at the labels. Begin with what is assumed.</source>
        <translation>예상한 클래스가 맞나요? 터무니없다면 색 순서, 평균, 표준편차를 먼저 보고 그다음 레이블을 보세요. 가정한 항목부터 살펴보세요.</translation>
    </message>
    <message>
        <source>Choose p&amp;hotos…</source>
        <translation>사진 고르기(&amp;H)…</translation>
    </message>
    <message>
        <source>Can it be trusted?</source>
        <translation>믿을 만한가요?</translation>
    </message>
    <message>
        <source>&amp;Apply</source>
        <translation>적용(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Reset</source>
        <translation>되돌리기(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Save card…</source>
        <translation>카드 저장(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>복사(&amp;C)</translation>
    </message>
    <message>
        <source>Loads the model with what was changed; remembered for this file</source>
        <translation>바꾼 대로 모델을 다시 불러옵니다. 이 파일에 대해 기억합니다</translation>
    </message>
    <message>
        <source>Forgets what was corrected here or given with --card and --labels; a card that was saved beside the file stays</source>
        <translation>여기서 고친 것과 --card, --labels로 준 것을 버립니다. 파일 옆에 저장한 카드는 그대로 남습니다</translation>
    </message>
    <message>
        <source>Beside the model file, under the suggested name, it is found again</source>
        <translation>모델 파일 옆에 제안된 이름으로 저장하면 다음에도 찾아 읽습니다</translation>
    </message>
</context>
<context>
    <name>ClassCard</name>
    <message>
        <source>Name of the class</source>
        <translation>클래스 이름</translation>
    </message>
    <message>
        <source>Take this class away, with its examples</source>
        <translation>이 클래스를 예시와 함께 빼기</translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>빼기</translation>
    </message>
    <message>
        <source>Hold while you show it</source>
        <translation>보여 주는 동안 누르세요</translation>
    </message>
    <message>
        <source>As long as it is held, pictures are taken. Here the key {0} does the same.</source>
        <translation>누르고 있는 동안 사진을 찍습니다. 이 패널에서는 {0} 키도 같습니다.</translation>
    </message>
    <message>
        <source>Add photos of it; photos and folders can be dropped here, too</source>
        <translation>이 클래스의 사진을 추가합니다. 사진과 폴더를 여기에 끌어다 놓아도 됩니다</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>사진 추가</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>예시</translation>
    </message>
    <message>
        <source>Delete takes an example away, a double click shows it</source>
        <translation>Delete 키는 예시를 빼고, 두 번 클릭하면 보여 줍니다</translation>
    </message>
</context>
<context>
    <name>ClassFinder</name>
    <message>
        <source>Type a class, such as “tabby” or “281”</source>
        <translation>클래스를 입력하세요 (예: “tabby”, “281”)</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>클래스 찾기</translation>
    </message>
    <message>
        <source>Classes that fit</source>
        <translation>찾은 클래스</translation>
    </message>
    <message>
        <source>No class has this in its name.</source>
        <translation>이름에 이 말이 들어 있는 클래스가 없습니다.</translation>
    </message>
    <message>
        <source>class {0}</source>
        <translation>클래스 {0}</translation>
    </message>
    <message>
        <source>This network knows no people: none of its classes is of them.</source>
        <translation>이 신경망은 사람을 모릅니다. 사람에 관한 클래스가 없습니다.</translation>
    </message>
    <message>
        <source>This network knows no people. Its only classes of them: {0}.</source>
        <translation>이 신경망은 사람을 모릅니다. 사람이 나오는 클래스는 다음뿐입니다: {0}.</translation>
    </message>
</context>
<context>
    <name>ClassTabBar</name>
    <message>
        <source>{0}, class {1}
Ctrl+click: why the chosen class and not this one</source>
        <translation>{0}, 클래스 {1}
Ctrl+클릭: 왜 선택한 클래스이고 이 클래스가 아닌지 비교</translation>
    </message>
    <message>
        <source>{0}, {1} points by the edit</source>
        <translation>{0}, 편집으로 {1}%p</translation>
    </message>
    <message>
        <source>{0}, pinned</source>
        <translation>{0}, 고정됨</translation>
    </message>
    <message>
        <source>{0}, compared</source>
        <translation>{0}, 비교 중</translation>
    </message>
</context>
<context>
    <name>ClassTabs</name>
    <message>
        <source>Classes</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Follow the most probable class</source>
        <translation>확률이 가장 높은 클래스 따라가기</translation>
    </message>
    <message>
        <source>Find and pin a class (/)</source>
        <translation>클래스를 찾아 고정하기 (/)</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Show all tabs side by side under one scale</source>
        <translation>모든 탭을 같은 스케일로 나란히 보기</translation>
    </message>
    <message>
        <source>All</source>
        <translation>모두</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>고정 해제</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>고정</translation>
    </message>
    <message>
        <source>Why “{0}” and not “{1}”</source>
        <translation>왜 “{0}”이고 “{1}”이 아닌가</translation>
    </message>
</context>
<context>
    <name>ColourBar</name>
    <message>
        <source>Colour bar</source>
        <translation>컬러 바</translation>
    </message>
    <message>
        <source>What the colours mean, in units of the logit.
Drag up or down to fix the range; double click to free it. Or the arrow keys, and Escape.</source>
        <translation>색이 뜻하는 값 (로짓 단위).
위아래로 끌면 범위가 고정되고, 두 번 클릭하면 풀립니다. 화살표 키와 Esc 키로도 할 수 있습니다.</translation>
    </message>
    <message>
        <source>What the colours mean: how much the score falls where a place is covered, in logits.</source>
        <translation>색의 뜻: 그 자리를 가리면 점수가 얼마나 내려가는지(로짓).</translation>
    </message>
    <message>
        <source>What the colours mean within this map. Its values have no unit.</source>
        <translation>이 맵 안에서 색이 뜻하는 것. 값에는 단위가 없습니다.</translation>
    </message>
    <message>
        <source>{0} to {1} logit</source>
        <translation>로짓 {0}~{1}</translation>
    </message>
    <message>
        <source>{0} to {1}, relative</source>
        <translation>{0}에서 {1}까지, 상대값</translation>
    </message>
    <message>
        <source>{0} to {1}, change of the logit</source>
        <translation>{0}에서 {1}, 로짓의 변화</translation>
    </message>
    <message>
        <source>{0}, fixed</source>
        <translation>{0}, 고정됨</translation>
    </message>
    <message>
        <source>{0}; low for {1}, high for {2}</source>
        <translation>{0}; 낮은 쪽은 {1}, 높은 쪽은 {2}</translation>
    </message>
</context>
<context>
    <name>ConvertControl</name>
    <message>
        <source>{0} is being converted. Wait for it, or cancel it.</source>
        <translation>{0} 변환이 진행 중입니다. 기다리거나 취소하세요.</translation>
    </message>
    <message>
        <source>Cancel it</source>
        <translation>변환 취소</translation>
    </message>
    <message>
        <source>Video to convert</source>
        <translation>변환할 동영상</translation>
    </message>
    <message>
        <source>Videos ({0})</source>
        <translation>동영상 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>Convert {0} into</source>
        <translation>{0} 변환 결과 저장</translation>
    </message>
    <message>
        <source>MP4 video (*.mp4)</source>
        <translation>MP4 동영상 (*.mp4)</translation>
    </message>
    <message>
        <source>Converting {0}, each frame once.</source>
        <translation>{0} 변환 중입니다. 모든 프레임을 한 번씩 분석합니다.</translation>
    </message>
    <message>
        <source>What you covered is covered in each of them.</source>
        <translation>가린 곳은 모든 프레임에서 가려집니다.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Converted {0} frames into {1} in {2}.</source>
        <translation>프레임 {0}개를 {1} 파일로 변환해 {2} 폴더에 저장했습니다.</translation>
    </message>
    <message>
        <source>{0} damaged parts of the video are missing.</source>
        <translation>동영상의 손상된 부분 {0}곳은 빠졌습니다.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 열기</translation>
    </message>
</context>
<context>
    <name>CoverControl</name>
    <message>
        <source>This map holds no evidence for {0}, so there is nothing to cover.</source>
        <translation>이 맵에는 {0}의 근거가 없어서 가릴 곳이 없습니다.</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>Deletion and insertion curves</source>
        <translation>삭제·삽입 곡선</translation>
    </message>
    <message>
        <source>pixels, %</source>
        <translation>픽셀, %</translation>
    </message>
    <message>
        <source>probability, %</source>
        <translation>확률, %</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Details</source>
        <translation>자세히</translation>
    </message>
    <message>
        <source>What rounding leaves, small numbers, and odds</source>
        <translation>반올림으로 남는 값, 작은 수, 오즈</translation>
    </message>
</context>
<context>
    <name>DeviceControl</name>
    <message>
        <source>The CPU is used: {0}</source>
        <translation>CPU를 씁니다: {0}</translation>
    </message>
    <message>
        <source>{0} is used: {1}</source>
        <translation>{0}을(를) 씁니다: {1}</translation>
    </message>
    <message>
        <source>Try the GPU again</source>
        <translation>GPU 다시 시도</translation>
    </message>
</context>
<context>
    <name>DeviceMenu</name>
    <message>
        <source>&amp;Device</source>
        <translation>장치(&amp;D)</translation>
    </message>
    <message>
        <source>Known once a model has loaded</source>
        <translation>모델을 불러온 뒤에 알 수 있습니다</translation>
    </message>
    <message>
        <source>The network from Python runs where it is: {0}</source>
        <translation>Python의 신경망은 있는 곳에서 실행됩니다: {0}</translation>
    </message>
    <message>
        <source>&amp;Automatic ({0})</source>
        <translation>자동(&amp;A) ({0})</translation>
    </message>
    <message>
        <source>The best device that can be used</source>
        <translation>쓸 수 있는 가장 좋은 장치</translation>
    </message>
    <message>
        <source>camviewer has never been tried on a device of this kind.</source>
        <translation>이런 종류의 장치에서는 camviewer를 시험해 본 적이 없습니다.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>정밀도</translation>
    </message>
    <message>
        <source>{0} (usual)</source>
        <translation>{0} (기본)</translation>
    </message>
</context>
<context>
    <name>Diagnostics</name>
    <message>
        <source>Diagnostics</source>
        <translation>진단</translation>
    </message>
    <message>
        <source>Checking this computer…</source>
        <translation>이 컴퓨터를 검사하는 중…</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>검사 중</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>검사 결과</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>복사(&amp;C)</translation>
    </message>
    <message>
        <source>✓ ok</source>
        <translation>✓ 정상</translation>
    </message>
    <message>
        <source>i note</source>
        <translation>i 참고</translation>
    </message>
    <message>
        <source>✗ problem</source>
        <translation>✗ 문제</translation>
    </message>
    <message>
        <source>The checks could not be run. The log may say more.</source>
        <translation>검사를 실행할 수 없었습니다. 로그에 더 자세한 내용이 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>1 problem found. What to do stands below it.</source>
        <translation>문제를 1건 찾았습니다. 해결 방법은 그 아래에 있습니다.</translation>
    </message>
    <message>
        <source>{0} problems found. What to do stands below each.</source>
        <translation>문제를 {0}건 찾았습니다. 해결 방법은 각 항목 아래에 있습니다.</translation>
    </message>
    <message>
        <source>Everything works.</source>
        <translation>모두 정상입니다.</translation>
    </message>
</context>
<context>
    <name>DrawingPage</name>
    <message>
        <source>How it adds up</source>
        <translation>계산 과정</translation>
    </message>
    <message>
        <source>Save as handout</source>
        <translation>유인물로 저장</translation>
    </message>
    <message>
        <source>One page of HTML with both drawings and all numbers, to print</source>
        <translation>두 그림과 모든 숫자를 담은 인쇄용 HTML 한 장</translation>
    </message>
</context>
<context>
    <name>EditControl</name>
    <message>
        <source>A snapshot stays as it was explained. Open its photo to paint over it.</source>
        <translation>스냅샷은 설명된 그대로 남습니다. 칠하려면 원래 사진을 여세요.</translation>
    </message>
    <message>
        <source>Edited</source>
        <translation>편집됨</translation>
    </message>
</context>
<context>
    <name>EditLayer</name>
    <message>
        <source>Original</source>
        <translation>원본</translation>
    </message>
</context>
<context>
    <name>EditStrip</name>
    <message>
        <source>What covers the parts that are drawn next. A fill can say something, too.</source>
        <translation>다음에 그리는 부분을 무엇으로 가릴지 정합니다. 채우기도 무언가를 말할 수 있습니다.</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>채우기</translation>
    </message>
    <message>
        <source>Leave the tool (Esc)</source>
        <translation>도구 놓기(Esc)</translation>
    </message>
    <message>
        <source>Leave the tool</source>
        <translation>도구 놓기</translation>
    </message>
</context>
<context>
    <name>ErrorReporter</name>
    <message>
        <source>Something unforeseen happened: {0}.</source>
        <translation>예상하지 못한 일이 생겼습니다: {0}.</translation>
    </message>
    <message>
        <source>The picture was frozen, because it happens again and again. Space resumes.</source>
        <translation>같은 일이 되풀이되어 화면을 정지했습니다. 스페이스 키를 누르면 이어집니다.</translation>
    </message>
    <message>
        <source>camviewer goes on.</source>
        <translation>camviewer는 계속 실행됩니다.</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>보고서 복사</translation>
    </message>
    <message>
        <source>camviewer crashed the last time. A report helps its makers to mend it.</source>
        <translation>지난번에 camviewer가 갑자기 종료되었습니다. 보고서를 보내 주시면 고치는 데 도움이 됩니다.</translation>
    </message>
    <message>
        <source>Show report</source>
        <translation>보고서 보기</translation>
    </message>
</context>
<context>
    <name>EvidenceDock</name>
    <message>
        <source>Wide page</source>
        <translation>넓은 페이지</translation>
    </message>
    <message>
        <source>The drawing in a window of its own</source>
        <translation>그림을 따로 창에서 봅니다</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>단계</translation>
    </message>
    <message>
        <source>Channels for and against</source>
        <translation>긍정·부정 채널</translation>
    </message>
    <message>
        <source>Enter shows the map of a channel, and hides it</source>
        <translation>Enter 키로 채널의 맵을 보이거나 숨깁니다</translation>
    </message>
    <message>
        <source>Logits</source>
        <translation>로짓</translation>
    </message>
    <message>
        <source>Probabilities</source>
        <translation>확률</translation>
    </message>
    <message>
        <source>Enter chooses a class</source>
        <translation>Enter 키로 클래스를 선택합니다</translation>
    </message>
    <message>
        <source>What the network sees</source>
        <translation>신경망이 보는 그림</translation>
    </message>
    <message>
        <source>Many older networks flatten the {0} × {1} × {2} numbers into one list. With one linear layer after that, each class has {3} weights, one for every number: each place still has its part of the logit, but the weights are tied to places and to one input size. Further layers mix the places, and the parts are lost. Pooling first leaves {0} weights, the same for every place and any size.</source>
        <translation>예전 신경망은 {0} × {1} × {2}개의 수를 한 줄로 펼치는 경우가 많았습니다. 그 뒤에 선형층이 하나만 있으면 클래스마다 수 하나하나에 가중치가 있어 모두 {3}개입니다. 위치마다 로짓에서 차지하는 몫은 그대로 알 수 있지만, 가중치가 위치와 한 가지 입력 크기에 묶입니다. 층이 더 있으면 위치가 섞여 몫을 알 수 없습니다. 먼저 풀링하면 모든 위치와 크기에 똑같이 쓰이는 가중치 {0}개만 남습니다.</translation>
    </message>
</context>
<context>
    <name>FileDownload</name>
    <message>
        <source>Another camviewer window is downloading {name}.</source>
        <translation>다른 camviewer 창에서 {name} 파일을 내려받는 중입니다.</translation>
    </message>
    <message>
        <source>Wait for it, then choose the model again.</source>
        <translation>끝날 때까지 기다린 다음 모델을 다시 고르세요.</translation>
    </message>
    <message>
        <source>Check the network connection in a web browser, then try again.</source>
        <translation>웹 브라우저에서 네트워크 연결을 확인한 다음 다시 시도하세요.</translation>
    </message>
    <message>
        <source>The server offers a file of another size, or a login page.</source>
        <translation>서버가 크기가 다른 파일이나 로그인 페이지를 보냈습니다.</translation>
    </message>
    <message>
        <source>The file does not match its size and checksum, so it was deleted.</source>
        <translation>파일의 크기나 체크섬이 맞지 않아 삭제했습니다.</translation>
    </message>
    <message>
        <source>Try again; the next time, look for a newer version of this program.</source>
        <translation>다시 시도하세요. 또 실패하면 이 프로그램의 새 버전을 찾아보세요.</translation>
    </message>
    <message>
        <source>The download can&apos;t be saved in {0}: {1}.</source>
        <translation>내려받은 파일을 {0} 폴더에 저장할 수 없습니다: {1}.</translation>
    </message>
    <message>
        <source>Make room on the disk or check the folder&apos;s permissions, then try again.</source>
        <translation>디스크 공간을 확보하거나 폴더 권한을 확인한 다음 다시 시도하세요.</translation>
    </message>
    <message>
        <source>The connection to {host} broke off.</source>
        <translation>{host} 서버와의 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>{host} does not answer.</source>
        <translation>{host} 서버가 응답하지 않습니다.</translation>
    </message>
    <message>
        <source>The server {host} can&apos;t be found.</source>
        <translation>{host} 서버를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>{host} refuses the connection.</source>
        <translation>{host} 서버가 연결을 거부했습니다.</translation>
    </message>
    <message>
        <source>The download from {host} failed: {reason}.</source>
        <translation>{host} 서버에서 내려받지 못했습니다: {reason}.</translation>
    </message>
    <message>
        <source>Check the network connection and its proxy, then try again: it goes on from here.</source>
        <translation>네트워크 연결과 프록시를 확인한 다음 다시 시도하세요. 받은 데까지 이어서 받습니다.</translation>
    </message>
    <message>
        <source>{host} does not give the file out, it answered {status}: {reason}.</source>
        <translation>{host} 서버가 파일을 주지 않았습니다. 응답 {status}: {reason}.</translation>
    </message>
    <message>
        <source>Try again later, or look for a newer version of this program.</source>
        <translation>나중에 다시 시도하거나 이 프로그램의 새 버전을 찾아보세요.</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in the guide</source>
        <translation>설명서에서 찾기</translation>
    </message>
    <message>
        <source>Previous place</source>
        <translation>이전 위치</translation>
    </message>
    <message>
        <source>Next place</source>
        <translation>다음 위치</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{1}개 중 {0}번째</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>찾지 못했습니다</translation>
    </message>
</context>
<context>
    <name>GaugeControl</name>
    <message>
        <source>Shuffling…</source>
        <translation>섞는 중…</translation>
    </message>
</context>
<context>
    <name>GaugeDock</name>
    <message>
        <source>Does the network use the places that this map shows?</source>
        <translation>신경망이 이 맵이 가리키는 곳을 실제로 사용할까요?</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>측정(&amp;M)</translation>
    </message>
    <message>
        <source>Passes that are made</source>
        <translation>끝난 계산 횟수</translation>
    </message>
    <message>
        <source>M&amp;easure each still or frozen frame</source>
        <translation>정지한 프레임마다 측정(&amp;E)</translation>
    </message>
    <message>
        <source>Relevance gain</source>
        <translation>관련성 이득</translation>
    </message>
    <message>
        <source>Probability as pixels come and go</source>
        <translation>픽셀을 넣고 뺄 때의 확률</translation>
    </message>
    <message>
        <source>Another map should appear when the weights of the head are shuffled.</source>
        <translation>헤드의 가중치를 섞으면 다른 맵이 나와야 합니다.</translation>
    </message>
    <message>
        <source>&amp;Shuffle the weights</source>
        <translation>가중치 섞기(&amp;S)</translation>
    </message>
    <message>
        <source>None of this says whether the prediction is right. Such scores reward blurred maps, and go together only weakly with what people judge (arXiv 2304.13836, 2105.14944). What is taken out is blurred; the network never saw such frames while it was trained.</source>
        <translation>이 수치는 예측이 맞는지를 말해 주지 않습니다. 이런 점수는 흐릿한 맵에 유리하고 사람의 판단과는 약하게만 일치합니다(arXiv 2304.13836, 2105.14944). 빼는 부분은 흐리게 처리되는데, 신경망은 학습 중에 그런 프레임을 본 적이 없습니다.</translation>
    </message>
    <message>
        <source>Sanity test</source>
        <translation>건전성 검사</translation>
    </message>
    <message>
        <source>What this can&apos;t say</source>
        <translation>이것으로 알 수 없는 것</translation>
    </message>
    <message>
        <source>{0} passes of the network</source>
        <translation>신경망 계산 {0}회</translation>
    </message>
    <message>
        <source>{0}, about {1} s</source>
        <translation>{0}, 약 {1}초</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>중지(&amp;S)</translation>
    </message>
    <message>
        <source>Of an earlier frame: {0}</source>
        <translation>이전 프레임: {0}</translation>
    </message>
    <message>
        <source>random maps</source>
        <translation>무작위 맵</translation>
    </message>
    <message>
        <source>Whole lines: put in first. Dashes: taken out first.</source>
        <translation>실선: 먼저 넣음. 점선: 먼저 뺌.</translation>
    </message>
</context>
<context>
    <name>GroupStrip</name>
    <message>
        <source>A group has no map. Maps of its classes:</source>
        <translation>무리에는 맵이 없습니다. 클래스별 맵:</translation>
    </message>
    <message>
        <source>Unpin the group</source>
        <translation>무리 고정 해제</translation>
    </message>
</context>
<context>
    <name>HistoryBar</name>
    <message>
        <source>Moment</source>
        <translation>순간</translation>
    </message>
    <message>
        <source>More about what is kept</source>
        <translation>보관된 것에 대해 더 보기</translation>
    </message>
    <message>
        <source>{0} s · {1} MB</source>
        <translation>{0}초 · {1} MB</translation>
    </message>
    <message>
        <source>−{0} s</source>
        <translation>−{0}초</translation>
    </message>
    <message>
        <source>Kept: {0} pictures of {1} s, in {2} of {3} MB of memory.</source>
        <translation>보관: {1}초의 그림 {0}장, 메모리 {3} MB 중 {2} MB.</translation>
    </message>
    <message>
        <source>Exact: logits and probabilities. Rounded: the picture (JPEG) and the map (float16).</source>
        <translation>정확: 로짓과 확률. 반올림: 그림(JPEG)과 맵(float16).</translation>
    </message>
</context>
<context>
    <name>HistoryControl</name>
    <message>
        <source>&amp;History</source>
        <translation>되돌아보기(&amp;H)</translation>
    </message>
</context>
<context>
    <name>HistorySaving</name>
    <message>
        <source>Saving the last {0} s…</source>
        <translation>마지막 {0}초 저장 중…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Saved the last {0} s as {1} and {2} in {3}.</source>
        <translation>마지막 {0}초를 {3}에 {1}와(과) {2}(으)로 저장했습니다.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 열기</translation>
    </message>
</context>
<context>
    <name>InputRows</name>
    <message>
        <source>What the network is given</source>
        <translation>신경망 입력</translation>
    </message>
    <message>
        <source>centre crop (as trained)</source>
        <translation>가운데 자르기 (학습 때처럼)</translation>
    </message>
    <message>
        <source>squeezed to a square</source>
        <translation>정사각형으로 줄이기</translation>
    </message>
    <message>
        <source>whole frame, own aspect</source>
        <translation>전체 프레임, 원래 비율</translation>
    </message>
    <message>
        <source>Average six passes</source>
        <translation>6회 평균</translation>
    </message>
    <message>
        <source>Averages the maps of three resolutions, each also mirrored. Slower. Only the drawing is averaged, and what is read off it (colour bar, box); values under the pointer stay exact.</source>
        <translation>세 가지 해상도와 좌우로 뒤집은 그림의 맵을 평균합니다. 더 느립니다. 그려진 모습과 거기서 읽는 것(컬러 바, 상자)만 평균이고, 포인터 아래의 값은 정확한 값 그대로입니다.</translation>
    </message>
    <message>
        <source>off</source>
        <translation>끔</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0}초</translation>
    </message>
    <message>
        <source>Steadies the drawing of a live picture. The numbers stay raw.</source>
        <translation>실시간 그림의 흔들림을 줄입니다. 숫자는 원래 값 그대로입니다.</translation>
    </message>
    <message>
        <source>F&amp;it</source>
        <translation>맞춤(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Resolution</source>
        <translation>해상도(&amp;R)</translation>
    </message>
    <message>
        <source>Smoot&amp;h over</source>
        <translation>평활 시간(&amp;H)</translation>
    </message>
    <message>
        <source>What the network was given</source>
        <translation>신경망 입력 (저장 당시)</translation>
    </message>
    <message>
        <source>squeezed (as trained)</source>
        <translation>정사각형으로 줄이기 (학습 때처럼)</translation>
    </message>
    <message>
        <source>{0} pixels (as trained)</source>
        <translation>{0}픽셀 (학습 때처럼)</translation>
    </message>
    <message>
        <source>{0} pixels</source>
        <translation>{0}픽셀</translation>
    </message>
    <message>
        <source>This network takes only squares: it sees a whole frame squeezed.</source>
        <translation>이 신경망은 정사각형만 받습니다. 전체 프레임은 줄여서 봅니다.</translation>
    </message>
    <message>
        <source>This network takes one size only: {0} × {0} pixels.</source>
        <translation>이 신경망은 한 가지 크기만 받습니다: {0} × {0} 픽셀.</translation>
    </message>
</context>
<context>
    <name>LabelDialog</name>
    <message>
        <source>Correct the label</source>
        <translation>레이블 고치기</translation>
    </message>
    <message>
        <source>Type a part of a class’s name</source>
        <translation>클래스 이름의 일부를 입력하세요</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>클래스 찾기</translation>
    </message>
    <message>
        <source>Classes that fit</source>
        <translation>맞는 클래스</translation>
    </message>
    <message>
        <source>Which class does {0} truly show?</source>
        <translation>{0}의 정답 클래스는 무엇입니까?</translation>
    </message>
</context>
<context>
    <name>LabelsDialog</name>
    <message>
        <source>Labels</source>
        <translation>레이블</translation>
    </message>
    <message>
        <source>In the order of the network&apos;s outputs. Double-click or F2 changes one.</source>
        <translation>신경망 출력 순서입니다. 두 번 클릭하거나 F2를 누르면 바꿀 수 있습니다.</translation>
    </message>
    <message>
        <source>&amp;From file…</source>
        <translation>파일에서(&amp;F)…</translation>
    </message>
    <message>
        <source>From fol&amp;ders…</source>
        <translation>폴더에서(&amp;D)…</translation>
    </message>
    <message>
        <source>The names of the folders in a folder: one folder a class</source>
        <translation>폴더 안에 있는 폴더들의 이름: 클래스마다 폴더 하나</translation>
    </message>
    <message>
        <source>Labels ({0})</source>
        <translation>레이블 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>Open labels</source>
        <translation>레이블 열기</translation>
    </message>
    <message>
        <source>Choose the folder with one folder a class</source>
        <translation>클래스마다 폴더 하나가 있는 폴더 선택</translation>
    </message>
    <message>
        <source>The labels of {0}.</source>
        <translation>{0}의 레이블입니다.</translation>
    </message>
</context>
<context>
    <name>LessonControl</name>
    <message>
        <source>{0} runs until you leave the lesson: it knows the classes that the lesson is about.</source>
        <translation>수업을 나갈 때까지 {0} 모델을 씁니다. 수업에 나오는 클래스를 아는 모델입니다.</translation>
    </message>
</context>
<context>
    <name>LessonMenu</name>
    <message>
        <source>&amp;Lessons</source>
        <translation>수업(&amp;L)</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>{1}단계 중 {0}단계</translation>
    </message>
    <message>
        <source>About {0} minutes</source>
        <translation>약 {0}분</translation>
    </message>
    <message>
        <source>&amp;Open a lesson…</source>
        <translation>수업 열기(&amp;O)…</translation>
    </message>
    <message>
        <source>L&amp;eave the lesson</source>
        <translation>수업 나가기(&amp;E)</translation>
    </message>
    <message>
        <source>Lessons ({0})</source>
        <translation>수업 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>Open a lesson</source>
        <translation>수업 열기</translation>
    </message>
</context>
<context>
    <name>LessonPanel</name>
    <message>
        <source>&amp;Hint</source>
        <translation>힌트(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Show me</source>
        <translation>대신 해 주기(&amp;S)</translation>
    </message>
    <message>
        <source>Do it for me</source>
        <translation>이 단계를 대신 합니다</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>이전(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>다음(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Worksheet</source>
        <translation>학습지(&amp;W)</translation>
    </message>
    <message>
        <source>A page to print, with room for answers</source>
        <translation>답을 쓸 자리가 있는 인쇄용 페이지</translation>
    </message>
    <message>
        <source>&amp;Leave</source>
        <translation>나가기(&amp;L)</translation>
    </message>
    <message>
        <source>All is as it was before the lesson; go on another time</source>
        <translation>모든 것이 수업 전으로 돌아갑니다. 다음에 이어서 할 수 있습니다</translation>
    </message>
    <message>
        <source>Not quite. Think again, and choose another answer.</source>
        <translation>아직 아닙니다. 다시 생각해서 다른 답을 고르세요.</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>{1}단계 중 {0}단계</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>끝남</translation>
    </message>
    <message>
        <source>To do</source>
        <translation>할 일</translation>
    </message>
    <message>
        <source>&amp;Finish</source>
        <translation>마치기(&amp;F)</translation>
    </message>
</context>
<context>
    <name>LoadingBanner</name>
    <message>
        <source>Loading {0}… {1} runs meanwhile.</source>
        <translation>{0}을(를) 불러오는 중… 그동안 {1}을(를) 씁니다.</translation>
    </message>
    <message>
        <source>Loading {0} once more… Meanwhile it runs on {1}.</source>
        <translation>{0}을(를) 다시 불러오는 중… 그동안 {1}에서 실행됩니다.</translation>
    </message>
</context>
<context>
    <name>MainToolBar</name>
    <message>
        <source>Toolbar</source>
        <translation>도구 모음</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>장치</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>불러오는 중…</translation>
    </message>
    <message>
        <source>The model runs on {0}</source>
        <translation>모델이 실행되는 곳: {0}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Loading the model…</source>
        <translation>모델을 불러오는 중…</translation>
    </message>
    <message>
        <source>Opening {0}…</source>
        <translation>{0} 여는 중…</translation>
    </message>
    <message>
        <source>Review of {0}</source>
        <translation>{0} 검토</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>아직 그림이 없습니다</translation>
    </message>
</context>
<context>
    <name>MeanView</name>
    <message>
        <source>Mean maps</source>
        <translation>평균 맵</translation>
    </message>
    <message>
        <source>The mean of the maps of all these photos. What is at the same place in many of them glows: the subject, or a mark, a ruler, a border by which the network tells the classes apart.</source>
        <translation>이 사진들의 맵을 평균한 것입니다. 여러 사진에서 같은 자리에 있는 것이 빛납니다. 피사체일 수도 있고, 신경망이 클래스를 구별하는 데 쓰는 표시, 자, 테두리일 수도 있습니다.</translation>
    </message>
    <message>
        <source>Mean of 1 photo</source>
        <translation>사진 1장의 평균</translation>
    </message>
    <message>
        <source>Mean of {0} photos</source>
        <translation>사진 {0}장의 평균</translation>
    </message>
    <message>
        <source>no evidence</source>
        <translation>근거 없음</translation>
    </message>
    <message>
        <source>{0} at the border</source>
        <translation>가장자리에 {0}</translation>
    </message>
</context>
<context>
    <name>MethodControl</name>
    <message>
        <source>Me&amp;thod</source>
        <translation>방법(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Layer</source>
        <translation>층(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Automatic (most faithful): {0}</source>
        <translation>자동, 가장 충실한 방법(&amp;A): {0}</translation>
    </message>
    <message>
        <source>{0} has no maps by {1}; these are by {2}.</source>
        <translation>{0}에는 {1} 맵이 없습니다. 지금 맵은 {2} 맵입니다.</translation>
    </message>
    <message>
        <source>{0} has no layer {1}; these maps are of {2}.</source>
        <translation>{0}에는 {1} 층이 없습니다. 지금 맵은 {2} 층의 맵입니다.</translation>
    </message>
</context>
<context>
    <name>MethodRows</name>
    <message>
        <source>Sharper: the object&apos;s extent</source>
        <translation>더 선명하게: 물체 범위</translation>
    </message>
    <message>
        <source>a quarter of the side</source>
        <translation>변의 4분의 1</translation>
    </message>
    <message>
        <source>The side of the square that covers, in pixels of the network&apos;s input. Small ones show more, and take many more passes.</source>
        <translation>가리는 정사각형의 한 변(신경망 입력의 픽셀). 작을수록 자세하지만 통과 횟수가 훨씬 많아집니다.</translation>
    </message>
    <message>
        <source>What stands where the square covers. A fill can say something, too.</source>
        <translation>정사각형이 가린 자리를 채우는 것입니다. 채움 자체도 무언가를 말할 수 있습니다.</translation>
    </message>
    <message>
        <source>How the map is made</source>
        <translation>맵을 만드는 방법</translation>
    </message>
    <message>
        <source>&amp;Method</source>
        <translation>방법(&amp;M)</translation>
    </message>
    <message>
        <source>La&amp;yer</source>
        <translation>층(&amp;Y)</translation>
    </message>
    <message>
        <source>&amp;Patch</source>
        <translation>조각(&amp;P)</translation>
    </message>
    <message>
        <source>Cov&amp;ered by</source>
        <translation>가림(&amp;E)</translation>
    </message>
</context>
<context>
    <name>ModelControl</name>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>Open model</source>
        <translation>모델 열기</translation>
    </message>
    <message>
        <source>Models ({0})</source>
        <translation>모델 ({0})</translation>
    </message>
    <message>
        <source>The download of {0} was stopped for this one; the next time it goes on from there.</source>
        <translation>이 다운로드를 위해 {0} 다운로드를 멈췄습니다. 다음에는 멈춘 곳부터 이어집니다.</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>모델 열기…</translation>
    </message>
    <message>
        <source>{0} runs instead of {1}: {2}</source>
        <translation>{1} 대신 {0} 모델을 씁니다: {2}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>the download was cancelled.</source>
        <translation>내려받기를 취소했습니다.</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>내려받기</translation>
    </message>
    <message>
        <source>Copy the line</source>
        <translation>명령 복사</translation>
    </message>
    <message>
        <source>{0} goes on.</source>
        <translation>{0} 모델을 계속 씁니다.</translation>
    </message>
</context>
<context>
    <name>ModelMenu</name>
    <message>
        <source>&amp;Model</source>
        <translation>모델(&amp;M)</translation>
    </message>
    <message>
        <source>Get &amp;another network</source>
        <translation>다른 신경망 받기(&amp;A)</translation>
    </message>
    <message>
        <source>{0} (needs the full edition)</source>
        <translation>{0} (전체판 필요)</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>{0} MB, downloaded once.</source>
        <translation>{0} MB, 한 번만 내려받습니다.</translation>
    </message>
    <message>
        <source>The network from Python</source>
        <translation>Python의 신경망</translation>
    </message>
    <message>
        <source>{0} is not there any more.</source>
        <translation>{0} 파일이 더 이상 없습니다.</translation>
    </message>
    <message>
        <source>Clear the list</source>
        <translation>목록 지우기</translation>
    </message>
</context>
<context>
    <name>MoreTabs</name>
    <message>
        <source>Tabs that have no room</source>
        <translation>자리가 없는 탭</translation>
    </message>
    <message>
        <source>{0} more classes</source>
        <translation>클래스 {0}개 더</translation>
    </message>
</context>
<context>
    <name>NetworkDownload</name>
    <message>
        <source>{0} can&apos;t be fetched: {1}</source>
        <translation>{0}을(를) 내려받을 수 없습니다: {1}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>The download of {0} was stopped; the next time it goes on from there.</source>
        <translation>{0} 내려받기를 멈췄습니다. 다음에 이어서 내려받습니다.</translation>
    </message>
</context>
<context>
    <name>OverlayDock</name>
    <message>
        <source>Show the overlay</source>
        <translation>오버레이 보이기</translation>
    </message>
    <message>
        <source>Reverse the colours</source>
        <translation>색 뒤집기</translation>
    </message>
    <message>
        <source>Fade where there is little evidence</source>
        <translation>근거가 적은 곳은 옅게</translation>
    </message>
    <message>
        <source>evidence for the class</source>
        <translation>클래스의 근거</translation>
    </message>
    <message>
        <source>evidence for and against</source>
        <translation>긍정·부정 근거</translation>
    </message>
    <message>
        <source>Negative values count against the class. They need a colormap with two sides.</source>
        <translation>음수 값은 그 클래스가 아니라는 근거입니다. 양쪽이 있는 컬러맵이 필요합니다.</translation>
    </message>
    <message>
        <source>this map</source>
        <translation>이 맵</translation>
    </message>
    <message>
        <source>shared by all tabs</source>
        <translation>모든 탭 공유</translation>
    </message>
    <message>
        <source>fixed</source>
        <translation>고정</translation>
    </message>
    <message>
        <source>This map: its own largest value is the brightest. Shared: classes compare. Fixed: frames compare, and nothing flickers; drag the colour bar to set the range.</source>
        <translation>이 맵: 이 맵에서 가장 큰 값이 가장 밝습니다. 공유: 클래스끼리 비교할 수 있습니다. 고정: 프레임끼리 비교할 수 있고 깜박이지 않습니다. 컬러 바를 끌어 범위를 정하세요.</translation>
    </message>
    <message>
        <source>logit</source>
        <translation>로짓</translation>
    </message>
    <message>
        <source>no box</source>
        <translation>상자 없음</translation>
    </message>
    <message>
        <source>{0} % of the maximum</source>
        <translation>최댓값의 {0}%</translation>
    </message>
    <message>
        <source>Outlines where the map is above this share of its maximum, and boxes the largest part.</source>
        <translation>맵이 최댓값의 이 비율을 넘는 곳에 윤곽을 그리고, 가장 큰 부분에 상자를 칩니다.</translation>
    </message>
    <message>
        <source>nothing (the true cells)</source>
        <translation>없음 (실제 칸)</translation>
    </message>
    <message>
        <source>bilinear</source>
        <translation>쌍선형</translation>
    </message>
    <message>
        <source>bicubic</source>
        <translation>쌍삼차</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>색(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Opacity</source>
        <translation>불투명도(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Shows</source>
        <translation>표시(&amp;S)</translation>
    </message>
    <message>
        <source>Sc&amp;ale</source>
        <translation>스케일(&amp;A)</translation>
    </message>
    <message>
        <source>Brightest at</source>
        <translation>최대 밝기 값</translation>
    </message>
    <message>
        <source>&amp;Between cells</source>
        <translation>칸 사이 보간(&amp;B)</translation>
    </message>
    <message>
        <source>Bo&amp;x at</source>
        <translation>상자 기준(&amp;X)</translation>
    </message>
    <message>
        <source>no evidence, no box</source>
        <translation>근거가 없어 상자도 없음</translation>
    </message>
    <message>
        <source>box {0}
{1} of the region</source>
        <translation>상자 {0}
영역의 {1}</translation>
    </message>
</context>
<context>
    <name>OverlayView</name>
    <message>
        <source>Overlay</source>
        <translation>오버레이</translation>
    </message>
    <message>
        <source>{0}, class activation map</source>
        <translation>{0}, 클래스 활성화 맵</translation>
    </message>
    <message>
        <source>{0}, map by {1}</source>
        <translation>{0}, {1} 맵</translation>
    </message>
</context>
<context>
    <name>PhotoList</name>
    <message>
        <source>Photos of the review</source>
        <translation>검토한 사진</translation>
    </message>
</context>
<context>
    <name>Playback</name>
    <message>
        <source>Play</source>
        <translation>재생</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>일시 정지</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>정지</translation>
    </message>
</context>
<context>
    <name>Presenter</name>
    <message>
        <source>The map of {0} is not computed yet.</source>
        <translation>{0}의 맵은 아직 계산되지 않았습니다.</translation>
    </message>
    <message>
        <source>{0} can&apos;t make a map of {1}. Choose another method.</source>
        <translation>{0}(으)로는 {1}의 맵을 만들 수 없습니다. 다른 방법을 고르세요.</translation>
    </message>
    <message>
        <source>This snapshot doesn&apos;t hold the map of {0}.
It has those of {1} of {2} classes: of the tabs it was saved with, and the most probable ones.</source>
        <translation>이 스냅샷에는 {0}의 맵이 없습니다.
클래스 {2}개 중 {1}개의 맵이 있습니다. 저장할 때 탭에 있던 클래스와 확률이 높은 클래스입니다.</translation>
    </message>
</context>
<context>
    <name>PrintControl</name>
    <message>
        <source>Print</source>
        <translation>인쇄</translation>
    </message>
    <message>
        <source>Nothing was printed: {0} can’t be used. Is it on, and is there paper?</source>
        <translation>인쇄하지 못했습니다. {0}을(를) 쓸 수 없습니다. 켜져 있고 용지가 있습니까?</translation>
    </message>
    <message>
        <source>Sent to the printer.</source>
        <translation>프린터로 보냈습니다.</translation>
    </message>
</context>
<context>
    <name>RecordControl</name>
    <message>
        <source>There is nothing to record yet: no map is in view.</source>
        <translation>아직 녹화할 것이 없습니다. 보이는 맵이 없습니다.</translation>
    </message>
    <message>
        <source>Stop &amp;recording</source>
        <translation>녹화 중지(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>녹화(&amp;R)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>녹화</translation>
    </message>
    <message>
        <source>Recorded {0} s into {1} in {2}.</source>
        <translation>{0}초를 녹화해 {2} 폴더의 {1} 파일에 저장했습니다.</translation>
    </message>
    <message>
        <source>{0} pictures came too fast and were left out.</source>
        <translation>너무 빨리 들어온 그림 {0}장은 빠졌습니다.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 열기</translation>
    </message>
</context>
<context>
    <name>Restart</name>
    <message>
        <source>Restart camviewer?</source>
        <translation>camviewer를 다시 시작할까요?</translation>
    </message>
    <message>
        <source>This will be gone:</source>
        <translation>다음은 사라집니다:</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>다시 시작</translation>
    </message>
    <message>
        <source>what you covered in the picture</source>
        <translation>그림에서 가린 것</translation>
    </message>
    <message>
        <source>the review of the folder</source>
        <translation>폴더 검토</translation>
    </message>
    <message>
        <source>the conversion of the video, which isn&apos;t finished</source>
        <translation>아직 끝나지 않은 동영상 변환</translation>
    </message>
    <message>
        <source>the pasted picture</source>
        <translation>붙여 넣은 그림</translation>
    </message>
    <message>
        <source>the choice of the model</source>
        <translation>모델 선택</translation>
    </message>
</context>
<context>
    <name>Results</name>
    <message>
        <source>Shown (rows), and taken for</source>
        <translation>보여 준 것(행)과 판단한 것</translation>
    </message>
    <message>
        <source>The worst examples, and where it looked</source>
        <translation>가장 나쁜 예시와 모델이 본 곳</translation>
    </message>
    <message>
        <source>The worst examples</source>
        <translation>가장 나쁜 예시</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>경고</translation>
    </message>
</context>
<context>
    <name>ReviewChoices</name>
    <message>
        <source>Photos to show</source>
        <translation>보여 줄 사진</translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>모든 사진</translation>
    </message>
    <message>
        <source>Mistakes</source>
        <translation>오답</translation>
    </message>
    <message>
        <source>Right ones</source>
        <translation>정답</translation>
    </message>
    <message>
        <source>Unreadable files</source>
        <translation>읽을 수 없는 파일</translation>
    </message>
    <message>
        <source>Marked ones</source>
        <translation>표시한 사진</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>순서</translation>
    </message>
    <message>
        <source>Worst mistakes first</source>
        <translation>심한 오답부터</translation>
    </message>
    <message>
        <source>Least confident first</source>
        <translation>확신이 낮은 것부터</translation>
    </message>
    <message>
        <source>Most confident first</source>
        <translation>확신이 높은 것부터</translation>
    </message>
    <message>
        <source>Closest call first</source>
        <translation>차이가 작은 것부터</translation>
    </message>
    <message>
        <source>Most evidence at the border first</source>
        <translation>가장자리 근거가 많은 것부터</translation>
    </message>
    <message>
        <source>By class</source>
        <translation>클래스 순</translation>
    </message>
    <message>
        <source>By file name</source>
        <translation>파일 이름 순</translation>
    </message>
    <message>
        <source>Show the photos of all classes</source>
        <translation>모든 클래스의 사진 보기</translation>
    </message>
    <message>
        <source>True classes</source>
        <translation>정답 클래스</translation>
    </message>
    <message>
        <source>Where the photos&apos; true classes come from</source>
        <translation>사진의 정답 클래스를 어디서 가져올지</translation>
    </message>
    <message>
        <source>Copy or move ▾</source>
        <translation>복사·이동 ▾</translation>
    </message>
    <message>
        <source>Copy or move the photos that are listed to a folder</source>
        <translation>목록의 사진을 폴더로 복사하거나 옮깁니다</translation>
    </message>
    <message>
        <source>Size of the photos</source>
        <translation>사진 크기</translation>
    </message>
    <message>
        <source>Size of the photos (Ctrl+wheel)</source>
        <translation>사진 크기 (Ctrl+휠)</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>보고서…</translation>
    </message>
    <message>
        <source>Save the review as a web page and a table</source>
        <translation>검토 결과를 웹 페이지와 표로 저장</translation>
    </message>
    <message>
        <source>{0}. Show the photos of all classes</source>
        <translation>{0}. 모든 클래스의 사진 보기</translation>
    </message>
</context>
<context>
    <name>ReviewControl</name>
    <message>
        <source>Review a folder</source>
        <translation>폴더 검토</translation>
    </message>
    <message>
        <source>{0} is a data set in parts. Which one is to be reviewed?</source>
        <translation>{0}은(는) 여러 부분으로 나뉜 데이터 세트입니다. 어느 부분을 검토할까요?</translation>
    </message>
    <message>
        <source>All of it</source>
        <translation>전체</translation>
    </message>
    <message>
        <source>True classes: not known ▾</source>
        <translation>정답 클래스: 모름 ▾</translation>
    </message>
    <message>
        <source>True classes: {0} ▾</source>
        <translation>정답 클래스: {0} ▾</translation>
    </message>
    <message>
        <source>True classes: the folders&apos; names ▾</source>
        <translation>정답 클래스: 폴더 이름 ▾</translation>
    </message>
    <message>
        <source>The arrow keys go through {0}. A review shows all of it at once, and what is confused.</source>
        <translation>화살표 키로 {0} 폴더의 사진을 넘겨 볼 수 있습니다. 검토하면 전체를 한눈에 보고 무엇을 혼동하는지 알 수 있습니다.</translation>
    </message>
    <message>
        <source>Review the folder</source>
        <translation>폴더 검토</translation>
    </message>
</context>
<context>
    <name>ReviewHead</name>
    <message>
        <source>Progress of the review</source>
        <translation>검토 진행 상황</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Stop the review; what is done stays</source>
        <translation>검토를 멈춥니다. 끝난 것은 남습니다</translation>
    </message>
    <message>
        <source>Back to the picture (Esc)</source>
        <translation>그림으로 돌아가기 (Esc)</translation>
    </message>
    <message>
        <source>Back to the picture</source>
        <translation>그림으로 돌아가기</translation>
    </message>
    <message>
        <source>Listing the photos…</source>
        <translation>사진 목록을 만드는 중…</translation>
    </message>
    <message>
        <source>by {0}</source>
        <translation>{0} 사용</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{1}장 중 {0}장</translation>
    </message>
</context>
<context>
    <name>ReviewLabels</name>
    <message>
        <source>Another class…</source>
        <translation>다른 클래스…</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>표 (*.csv)</translation>
    </message>
    <message>
        <source>Where to keep corrected labels</source>
        <translation>고친 레이블을 저장할 곳</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>알 수 없음</translation>
    </message>
    <message>
        <source>{0} is {1} from now on. Written to {2}.</source>
        <translation>이제 {0}의 정답은 {1}입니다. {2}에 기록했습니다.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>The label was not corrected.</source>
        <translation>레이블을 고치지 못했습니다.</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>다른 파일…</translation>
    </message>
</context>
<context>
    <name>ReviewModel</name>
    <message>
        <source>{0} has changed since this review.</source>
        <translation>이 검토 이후 {0}이(가) 바뀌었습니다.</translation>
    </message>
    <message>
        <source>This review is of {0}; {1} runs now.</source>
        <translation>이 검토는 {0}의 결과이고, 지금은 {1}이(가) 실행 중입니다.</translation>
    </message>
    <message>
        <source>Review again</source>
        <translation>다시 검토</translation>
    </message>
    <message>
        <source>Back to {0}</source>
        <translation>{0}(으)로 돌아가기</translation>
    </message>
</context>
<context>
    <name>ReviewNavigation</name>
    <message>
        <source>In the review, {0} was taken for {1}.</source>
        <translation>검토에서는 {0}을(를) {1}(으)로 잘못 보았습니다.</translation>
    </message>
    <message>
        <source>{0} was taken for {1}. Where the map is warm, it looks more like {1}.</source>
        <translation>정답은 {0}인데 {1}(으)로 예측했습니다. 맵에서 따뜻한 색인 곳이 {1}에 더 가까워 보이는 곳입니다.</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>검토</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>이전</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>다음</translation>
    </message>
    <message>
        <source>Mistake {0} of {1}: N goes to the next one, G back to the review.</source>
        <translation>오답 {1}개 중 {0}번째: N 키는 다음 오답, G 키는 검토로 돌아갑니다.</translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>No photo is marked. M marks the chosen one, or its menu does.</source>
        <translation>표시한 사진이 없습니다. M 키나 사진의 메뉴로 표시합니다.</translation>
    </message>
    <message>
        <source>No photo is of this choice.</source>
        <translation>이 조건에 맞는 사진이 없습니다.</translation>
    </message>
    <message>
        <source>No mistakes so far.</source>
        <translation>아직 오답이 없습니다.</translation>
    </message>
    <message>
        <source>No mistakes: all {0} photos are right. “All photos” above shows them.</source>
        <translation>오답이 없습니다. 사진 {0}장이 모두 맞았습니다. 위의 “모든 사진”을 고르면 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>taken for {0}</source>
        <translation>→ {0}(으)로 예측</translation>
    </message>
</context>
<context>
    <name>ReviewPhotos</name>
    <message>
        <source>&amp;Open</source>
        <translation>열기(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Show in folder</source>
        <translation>폴더에서 보기(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>복사(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Mark</source>
        <translation>표시(&amp;M)</translation>
    </message>
    <message>
        <source>Correct the &amp;label</source>
        <translation>레이블 고치기(&amp;L)</translation>
    </message>
    <message>
        <source>Copy &amp;to a folder…</source>
        <translation>폴더로 복사(&amp;T)…</translation>
    </message>
    <message>
        <source>Mo&amp;ve to a folder…</source>
        <translation>폴더로 옮기기(&amp;V)…</translation>
    </message>
    <message>
        <source>The folder {0} isn’t there any more. Is its disk connected?</source>
        <translation>{0} 폴더가 더 이상 없습니다. 디스크가 연결되어 있습니까?</translation>
    </message>
</context>
<context>
    <name>ReviewReport</name>
    <message>
        <source>Save the report</source>
        <translation>보고서 저장</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>웹 페이지 (*.html)</translation>
    </message>
    <message>
        <source>Writing {0}…</source>
        <translation>{0} 쓰는 중…</translation>
    </message>
    <message>
        <source>Saved {0} and {1} in {2}.</source>
        <translation>{0}, {1} 파일을 {2} 폴더에 저장했습니다.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 열기</translation>
    </message>
</context>
<context>
    <name>ReviewTransfer</name>
    <message>
        <source>Copy the {0} photos in the list…</source>
        <translation>목록의 사진 {0}장 복사…</translation>
    </message>
    <message>
        <source>Move the {0} photos in the list…</source>
        <translation>목록의 사진 {0}장 옮기기…</translation>
    </message>
    <message>
        <source>Move {0} photos to</source>
        <translation>사진 {0}장을 옮길 곳</translation>
    </message>
    <message>
        <source>Copy {0} photos to</source>
        <translation>사진 {0}장을 복사할 곳</translation>
    </message>
    <message>
        <source>Moving {0} photos to {1}…</source>
        <translation>사진 {0}장을 {1}(으)로 옮기는 중…</translation>
    </message>
    <message>
        <source>Copying {0} photos to {1}…</source>
        <translation>사진 {0}장을 {1}(으)로 복사하는 중…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 보기</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>1 photo was moved to {1}.</source>
        <translation>사진 1장을 {1}(으)로 옮겼습니다.</translation>
    </message>
    <message>
        <source>1 photo was copied to {1}.</source>
        <translation>사진 1장을 {1}(으)로 복사했습니다.</translation>
    </message>
    <message>
        <source>{0} photos were moved to {1}.</source>
        <translation>사진 {0}장을 {1}(으)로 옮겼습니다.</translation>
    </message>
    <message>
        <source>{0} photos were copied to {1}.</source>
        <translation>사진 {0}장을 {1}(으)로 복사했습니다.</translation>
    </message>
    <message>
        <source>{0} lie there already.</source>
        <translation>{0}장은 이미 그곳에 있습니다.</translation>
    </message>
    <message>
        <source>{0} could not be read or written:</source>
        <translation>{0}장은 읽거나 쓰지 못했습니다:</translation>
    </message>
    <message>
        <source>{0} were not tried.</source>
        <translation>{0}장은 시도하지 않았습니다.</translation>
    </message>
    <message>
        <source>Moving {0} photos back…</source>
        <translation>사진 {0}장을 되돌리는 중…</translation>
    </message>
    <message>
        <source>{0} photos are back in their places.</source>
        <translation>사진 {0}장이 제자리로 돌아왔습니다.</translation>
    </message>
</context>
<context>
    <name>SaveControl</name>
    <message>
        <source>PNG image (*.png)</source>
        <translation>PNG 이미지 (*.png)</translation>
    </message>
    <message>
        <source>JPEG image (*.jpg *.jpeg)</source>
        <translation>JPEG 이미지 (*.jpg *.jpeg)</translation>
    </message>
    <message>
        <source>PDF page (*.pdf)</source>
        <translation>PDF 쪽 (*.pdf)</translation>
    </message>
    <message>
        <source>Snapshot, which opens again here (*{0})</source>
        <translation>여기서 다시 열리는 스냅샷 (*{0})</translation>
    </message>
    <message>
        <source>Maps of all tabs as numbers, NumPy (*.npz)</source>
        <translation>모든 탭의 맵을 숫자로, NumPy (*.npz)</translation>
    </message>
    <message>
        <source>Map as 16-bit grey image, a pixel a cell (*.png)</source>
        <translation>맵을 16비트 회색 이미지로, 한 칸이 한 픽셀 (*.png)</translation>
    </message>
    <message>
        <source>Map as a table of numbers (*.csv)</source>
        <translation>맵을 숫자 표로 (*.csv)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>내보내기</translation>
    </message>
    <message>
        <source>Saved {0} in {1}.</source>
        <translation>{0} 파일을 {1} 폴더에 저장했습니다.</translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>폴더 열기</translation>
    </message>
    <message>
        <source>Copied the overlay.</source>
        <translation>오버레이를 복사했습니다.</translation>
    </message>
</context>
<context>
    <name>ScoreDrawing</name>
    <message>
        <source>How it adds up, drawn</source>
        <translation>계산 과정 그림</translation>
    </message>
    <message>
        <source>Arrow keys go through the channels and the cells; Enter shows a channel&apos;s map</source>
        <translation>화살표 키로 채널과 칸을 오가고, Enter로 채널의 맵을 봅니다</translation>
    </message>
</context>
<context>
    <name>SourceBanners</name>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>A snapshot of {0}, as {1} explained it on {2}.</source>
        <translation>{2}에 {1} 모델로 분석한 {0} 스냅샷입니다.</translation>
    </message>
    <message>
        <source>Explain it with the present model</source>
        <translation>지금 모델로 다시 분석</translation>
    </message>
</context>
<context>
    <name>SourceControl</name>
    <message>
        <source>Only {0} was opened: one model runs at a time.</source>
        <translation>{0}만 열었습니다. 모델은 한 번에 하나만 씁니다.</translation>
    </message>
    <message>
        <source>Only {0} was opened: videos and snapshots are shown alone.</source>
        <translation>{0}만 열었습니다. 동영상과 스냅샷은 하나씩만 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>붙여 넣은 그림</translation>
    </message>
    <message>
        <source>A picture from the clipboard. Before it, {0} was open.</source>
        <translation>클립보드의 그림입니다. 그전에는 {0}이(가) 열려 있었습니다.</translation>
    </message>
    <message>
        <source>Back to the photos</source>
        <translation>사진으로 돌아가기</translation>
    </message>
    <message>
        <source>The clipboard holds no picture and no files.</source>
        <translation>클립보드에 그림이나 파일이 없습니다.</translation>
    </message>
</context>
<context>
    <name>SourceDialogs</name>
    <message>
        <source>Photos, videos, snapshots ({0})</source>
        <translation>사진, 동영상, 스냅샷 ({0})</translation>
    </message>
    <message>
        <source>Photos ({0})</source>
        <translation>사진 ({0})</translation>
    </message>
    <message>
        <source>Videos ({0})</source>
        <translation>동영상 ({0})</translation>
    </message>
    <message>
        <source>Snapshots ({0})</source>
        <translation>스냅샷 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>폴더 열기</translation>
    </message>
</context>
<context>
    <name>SourceMenus</name>
    <message>
        <source>&amp;Camera</source>
        <translation>카메라(&amp;C)</translation>
    </message>
    <message>
        <source>Camera &amp;format</source>
        <translation>카메라 형식(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Screen</source>
        <translation>화면(&amp;S)</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>최근 파일 열기(&amp;R)</translation>
    </message>
    <message>
        <source>Sa&amp;mple photos</source>
        <translation>예제 사진(&amp;M)</translation>
    </message>
    <message>
        <source>cat</source>
        <translation>고양이</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>coffee</source>
        <translation>커피</translation>
    </message>
    <message>
        <source>rocket</source>
        <translation>로켓</translation>
    </message>
    <message>
        <source>No camera is plugged in</source>
        <translation>연결된 카메라 없음</translation>
    </message>
    <message>
        <source>{0} × {1}, {2} fps</source>
        <translation>{0} × {1}, {2} fps</translation>
    </message>
    <message>
        <source>{0} ({1} × {2})</source>
        <translation>{0} ({1} × {2})</translation>
    </message>
    <message>
        <source>Screen {0}</source>
        <translation>화면 {0}</translation>
    </message>
    <message>
        <source>Nothing opened yet</source>
        <translation>아직 연 파일이 없음</translation>
    </message>
    <message>
        <source>Clear the list</source>
        <translation>목록 지우기</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Loading the model…</source>
        <translation>모델을 불러오는 중…</translation>
    </message>
    <message>
        <source>● Recording {0}:{1} · {2} MB</source>
        <translation>● 녹화 중 {0}:{1} · {2} MB</translation>
    </message>
    <message>
        <source>loading {0}…</source>
        <translation>{0} 불러오는 중…</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>모델 없음</translation>
    </message>
    <message>
        <source>Snapshot of {0} · {1}</source>
        <translation>{0} · {1} 스냅샷</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>편집됨</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>일시 정지됨</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>정지됨</translation>
    </message>
    <message>
        <source>{0} fps</source>
        <translation>{0} fps</translation>
    </message>
    <message>
        <source>{0} ms behind</source>
        <translation>{0} ms 지연</translation>
    </message>
    <message>
        <source>{0} dropped</source>
        <translation>{0}개 건너뜀</translation>
    </message>
    <message>
        <source>{0} ms</source>
        <translation>{0} ms</translation>
    </message>
    <message>
        <source>{0} of {1} passes</source>
        <translation>{1}번 중 {0}번 통과</translation>
    </message>
    <message>
        <source>Network {0} ms; from frame to screen {1} ms (95 % within {2} ms)</source>
        <translation>신경망 {0} ms, 프레임에서 화면까지 {1} ms (95%는 {2} ms 이내)</translation>
    </message>
    <message>
        <source>(reduced, the file has {0} × {1})</source>
        <translation>(줄임, 파일은 {0} × {1})</translation>
    </message>
</context>
<context>
    <name>StepSetUp</name>
    <message>
        <source>Drawing the examples…</source>
        <translation>예시를 그리는 중…</translation>
    </message>
</context>
<context>
    <name>SummarySide</name>
    <message>
        <source>Confused</source>
        <translation>혼동</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>클래스</translation>
    </message>
</context>
<context>
    <name>TeachControl</name>
    <message>
        <source>Class {0}</source>
        <translation>클래스 {0}</translation>
    </message>
    <message>
        <source>{0} can&apos;t be taught: it doesn&apos;t end in pooling and one linear layer.</source>
        <translation>{0}은(는) 가르칠 수 없습니다. 풀링과 선형 층 하나로 끝나지 않습니다.</translation>
    </message>
    <message>
        <source>Looking at {0} examples…</source>
        <translation>예시 {0}개를 보는 중…</translation>
    </message>
    <message>
        <source>Show the camera two things or more: hold a class&apos;s button while you do. Or drop photos on it.</source>
        <translation>카메라에 두 가지 이상을 보여 주세요. 보여 주는 동안 그 클래스의 단추를 누르고 계세요. 사진을 끌어다 놓아도 됩니다.</translation>
    </message>
    <message>
        <source>Learning…</source>
        <translation>배우는 중…</translation>
    </message>
</context>
<context>
    <name>TeachDock</name>
    <message>
        <source>Tell &amp;these classes, not the model&apos;s own</source>
        <translation>모델의 클래스 대신 이 클래스로 판단(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Another class</source>
        <translation>클래스 추가(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>실행 취소(&amp;U)</translation>
    </message>
    <message>
        <source>Sa&amp;ve as a model…</source>
        <translation>모델로 저장(&amp;V)…</translation>
    </message>
    <message>
        <source>&amp;Delete all…</source>
        <translation>모두 삭제(&amp;D)…</translation>
    </message>
    <message>
        <source>Pictures and classes stay on this computer.</source>
        <translation>사진과 클래스는 이 컴퓨터에만 남습니다.</translation>
    </message>
</context>
<context>
    <name>TeachSave</name>
    <message>
        <source>Is {0} somewhere on this computer?</source>
        <translation>{0} 파일이 이 컴퓨터에 있습니까?</translation>
    </message>
    <message>
        <source>Show where…</source>
        <translation>위치 지정…</translation>
    </message>
    <message>
        <source>Where is {0}?</source>
        <translation>{0}은(는) 어디에 있습니까?</translation>
    </message>
    <message>
        <source>Photos ({0})</source>
        <translation>사진 ({0})</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>사진 추가</translation>
    </message>
    <message>
        <source>Delete your classes and all {0} examples?</source>
        <translation>내 클래스와 예시 {0}개를 모두 삭제할까요?</translation>
    </message>
    <message>
        <source>Their pictures are deleted from this computer. Saved models stay.</source>
        <translation>사진이 이 컴퓨터에서 삭제됩니다. 저장한 모델은 남습니다.</translation>
    </message>
    <message>
        <source>Delete all</source>
        <translation>모두 삭제</translation>
    </message>
    <message>
        <source>Model file for camviewer (*.safetensors)</source>
        <translation>camviewer 모델 파일 (*.safetensors)</translation>
    </message>
    <message>
        <source>Whole network for PyTorch (*.pth)</source>
        <translation>신경망 전체, PyTorch (*.pth)</translation>
    </message>
    <message>
        <source>Whole network as ONNX (*.onnx)</source>
        <translation>신경망 전체, ONNX (*.onnx)</translation>
    </message>
    <message>
        <source>Save your classes as a model</source>
        <translation>내 클래스를 모델로 저장</translation>
    </message>
    <message>
        <source>Saved as {0}. It opens like any model, here and elsewhere.</source>
        <translation>{0}(으)로 저장했습니다. 여기서나 다른 곳에서나 다른 모델처럼 열립니다.</translation>
    </message>
</context>
<context>
    <name>TimelineControl</name>
    <message>
        <source>Open a camera, the screen or a video to see scores over time.</source>
        <translation>시간에 따른 점수를 보려면 카메라, 화면 또는 동영상을 여세요.</translation>
    </message>
    <message>
        <source>The picture of that moment is not kept any more.</source>
        <translation>그 순간의 그림은 더 이상 보관되어 있지 않습니다.</translation>
    </message>
    <message>
        <source>There is no curve to export yet.</source>
        <translation>아직 내보낼 곡선이 없습니다.</translation>
    </message>
</context>
<context>
    <name>TimelineDock</name>
    <message>
        <source>Probabilities</source>
        <translation>확률</translation>
    </message>
    <message>
        <source>Logits</source>
        <translation>로짓</translation>
    </message>
    <message>
        <source>What is shown over time</source>
        <translation>시간에 따라 보일 것</translation>
    </message>
    <message>
        <source>All</source>
        <translation>모두</translation>
    </message>
    <message>
        <source>Show the newest, or all of a video (double-click)</source>
        <translation>최신 부분 또는 동영상 전체 보기(두 번 클릭)</translation>
    </message>
    <message>
        <source>Numbers as a table (CSV)…</source>
        <translation>숫자 표(CSV)…</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>그림(PNG)…</translation>
    </message>
    <message>
        <source>Drawing (SVG)…</source>
        <translation>도면(SVG)…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>내보내기</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>진행</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>값</translation>
    </message>
    <message>
        <source>Scores over time</source>
        <translation>시간에 따른 점수</translation>
    </message>
</context>
<context>
    <name>TruthMenu</name>
    <message>
        <source>Not known</source>
        <translation>모름</translation>
    </message>
    <message>
        <source>The folders&apos; names</source>
        <translation>폴더 이름</translation>
    </message>
    <message>
        <source>A table of paths and classes (CSV)…</source>
        <translation>경로와 클래스의 표 (CSV)…</translation>
    </message>
    <message>
        <source>Keep corrected labels in another file than {0}…</source>
        <translation>고친 레이블을 {0} 대신 다른 파일에 저장…</translation>
    </message>
    <message>
        <source>Where to keep corrected labels…</source>
        <translation>고친 레이블을 저장할 곳…</translation>
    </message>
    <message>
        <source>Tables (*.csv *.tsv *.txt)</source>
        <translation>표 (*.csv *.tsv *.txt)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>모든 파일 (*)</translation>
    </message>
    <message>
        <source>True classes</source>
        <translation>정답 클래스</translation>
    </message>
</context>
<context>
    <name>VideoBar</name>
    <message>
        <source>Position</source>
        <translation>위치</translation>
    </message>
    <message>
        <source>Start again at the end</source>
        <translation>끝나면 처음부터 다시</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>반복</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
</context>
<context>
    <name>VideoCurves</name>
    <message>
        <source>The curve is not whole.</source>
        <translation>곡선이 완전하지 않습니다.</translation>
    </message>
    <message>
        <source>Looking for the curve…</source>
        <translation>곡선을 찾는 중…</translation>
    </message>
    <message>
        <source>There is no curve.</source>
        <translation>곡선이 없습니다.</translation>
    </message>
    <message>
        <source>Computing the curve of the whole video…</source>
        <translation>동영상 전체의 곡선을 계산하는 중…</translation>
    </message>
</context>
<context>
    <name>WayBar</name>
    <message>
        <source>Pool</source>
        <translation>풀링</translation>
    </message>
    <message>
        <source>Flatten</source>
        <translation>펼치기</translation>
    </message>
    <message>
        <source>How features become scores</source>
        <translation>특징이 점수가 되는 방식</translation>
    </message>
    <message>
        <source>As this network: the mean of each channel, then weights</source>
        <translation>이 신경망처럼: 채널마다 평균을 낸 뒤 가중치를 곱합니다</translation>
    </message>
    <message>
        <source>What changes in networks that put all features into one list</source>
        <translation>모든 특징을 한 줄로 펼치는 신경망에서 달라지는 것</translation>
    </message>
</context>
<context>
    <name>WeightsDownload</name>
    <message>
        <source>Downloading {0} ({1} MB, once). {2} runs meanwhile.</source>
        <translation>{0}을(를) 내려받는 중입니다({1} MB, 한 번만). 그동안 {2}을(를) 씁니다.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
</context>
<context>
    <name>WhatIfDock</name>
    <message>
        <source>Before → after, change in points:</source>
        <translation>전 → 후, 변화(%p):</translation>
    </message>
    <message>
        <source>Choose the brush (B) and paint over a part of the frame: the network then doesn&apos;t see it. Here stands what that changes, class by class.</source>
        <translation>브러시(B)를 고르고 프레임의 일부에 칠하세요. 그곳은 신경망에 보이지 않습니다. 그래서 무엇이 달라지는지 클래스마다 여기에 표시됩니다.</translation>
    </message>
    <message>
        <source>Before and after</source>
        <translation>전과 후</translation>
    </message>
    <message>
        <source>Enter chooses a class</source>
        <translation>Enter로 클래스 고르기</translation>
    </message>
</context>
<context>
    <name>_Answers</name>
    <message>
        <source>Right</source>
        <translation>정답</translation>
    </message>
</context>
<context>
    <name>_GroupButton</name>
    <message>
        <source>The sum of the probabilities of {0}. A group has no score of its own.</source>
        <translation>{0}의 확률을 더한 값입니다. 무리 자체의 점수는 없습니다.</translation>
    </message>
    <message>
        <source>{0} · sum of {1}</source>
        <translation>{0} · {1}개 합</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>&amp;Open…</source>
        <translation>열기(&amp;O)…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>폴더 열기(&amp;F)…</translation>
    </message>
    <message>
        <source>Open mode&amp;l…</source>
        <translation>모델 열기(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Save image</source>
        <translation>이미지 저장(&amp;S)</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>저장</translation>
    </message>
    <message>
        <source>Re&amp;view folder…</source>
        <translation>폴더 검토(&amp;V)…</translation>
    </message>
    <message>
        <source>Review &amp;as report…</source>
        <translation>검토 보고서 저장(&amp;A)…</translation>
    </message>
    <message>
        <source>Convert vi&amp;deo…</source>
        <translation>동영상 변환(&amp;D)…</translation>
    </message>
    <message>
        <source>Save s&amp;napshot</source>
        <translation>스냅샷 저장(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>내보내기(&amp;E)…</translation>
    </message>
    <message>
        <source>Prin&amp;t…</source>
        <translation>인쇄(&amp;T)…</translation>
    </message>
    <message>
        <source>Save how it adds up as &amp;handout</source>
        <translation>계산 과정을 유인물로 저장(&amp;H)</translation>
    </message>
    <message>
        <source>Capt&amp;ion strip in saved images</source>
        <translation>저장한 이미지에 설명 띠 넣기(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Copy overlay</source>
        <translation>오버레이 복사(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>그림 붙여 넣기(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>끝내기(&amp;Q)</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>화면</translation>
    </message>
    <message>
        <source>&amp;Freeze</source>
        <translation>정지(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>녹화(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Previous</source>
        <translation>이전(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>다음(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Deinterlace videos</source>
        <translation>동영상 인터레이스 제거(&amp;D)</translation>
    </message>
    <message>
        <source>Model &amp;card…</source>
        <translation>모델 카드(&amp;C)…</translation>
    </message>
    <message>
        <source>Re&amp;view of the folder</source>
        <translation>폴더 검토 보기(&amp;V)</translation>
    </message>
    <message>
        <source>Next mista&amp;ke</source>
        <translation>다음 오답(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Previous mistake</source>
        <translation>이전 오답(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Find class…</source>
        <translation>클래스 찾기(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Pin class</source>
        <translation>클래스 고정(&amp;P)</translation>
    </message>
    <message>
        <source>Follow the &amp;top class</source>
        <translation>1위 클래스 따라가기(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;All classes side by side</source>
        <translation>모든 클래스를 나란히(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Why this and not the next class</source>
        <translation>왜 이 클래스이고 다음 순위가 아닌가(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Show the overlay</source>
        <translation>오버레이 보이기(&amp;S)</translation>
    </message>
    <message>
        <source>Object&apos;s e&amp;xtent</source>
        <translation>물체 범위(&amp;X)</translation>
    </message>
    <message>
        <source>Next &amp;colormap</source>
        <translation>다음 컬러맵(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Reverse the colormap</source>
        <translation>컬러맵 뒤집기(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Less opacity</source>
        <translation>더 투명하게(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;More opacity</source>
        <translation>더 불투명하게(&amp;M)</translation>
    </message>
    <message>
        <source>Caption &amp;below the view</source>
        <translation>보기 아래 캡션(&amp;B)</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>확대(&amp;I)</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>축소(&amp;O)</translation>
    </message>
    <message>
        <source>Fit to &amp;window</source>
        <translation>창에 맞추기(&amp;W)</translation>
    </message>
    <message>
        <source>Present in f&amp;ull screen</source>
        <translation>전체 화면 발표(&amp;U)</translation>
    </message>
    <message>
        <source>camviewer &amp;help</source>
        <translation>도움말 보기(&amp;H)</translation>
    </message>
    <message>
        <source>User&apos;s &amp;guide</source>
        <translation>사용 설명서(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Diagnostics…</source>
        <translation>진단(&amp;D)…</translation>
    </message>
    <message>
        <source>&amp;About camviewer</source>
        <translation>프로그램 정보(&amp;A)</translation>
    </message>
    <message>
        <source>Tab &amp;{0}</source>
        <translation>탭 &amp;{0}</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>실행 취소(&amp;U)</translation>
    </message>
    <message>
        <source>Re&amp;do</source>
        <translation>다시 실행(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Brush: cover parts</source>
        <translation>브러시: 일부 가리기(&amp;B)</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>브러시</translation>
    </message>
    <message>
        <source>&amp;Eraser: uncover parts</source>
        <translation>지우개: 가린 것 걷어 내기(&amp;E)</translation>
    </message>
    <message>
        <source>Cover a &amp;rectangle</source>
        <translation>사각형 가리기(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Lasso: cover what is encircled</source>
        <translation>올가미: 둘러싼 곳 가리기(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Smaller brush</source>
        <translation>브러시 작게(&amp;S)</translation>
    </message>
    <message>
        <source>Lar&amp;ger brush</source>
        <translation>브러시 크게(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Cover what it looks at</source>
        <translation>주목하는 곳 가리기(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Keep only what it looks at</source>
        <translation>주목하는 곳만 남기기(&amp;K)</translation>
    </message>
    <message>
        <source>Cover the cell that is &amp;pointed at</source>
        <translation>가리키는 칸 가리기(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Invert what is covered</source>
        <translation>가린 곳 뒤집기(&amp;I)</translation>
    </message>
    <message>
        <source>Cle&amp;ar: uncover everything</source>
        <translation>모두 걷어 내기(&amp;A)</translation>
    </message>
    <message>
        <source>See the &amp;original (hold the key)</source>
        <translation>원본 보기(키를 누르고 있기)(&amp;O)</translation>
    </message>
    <message>
        <source>Back to &amp;live</source>
        <translation>실시간으로(&amp;L)</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>실시간</translation>
    </message>
    <message>
        <source>&amp;Explain this moment again</source>
        <translation>이 순간 다시 설명(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Save the last seconds</source>
        <translation>마지막 몇 초 저장(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Forget the last seconds</source>
        <translation>마지막 몇 초 지우기(&amp;F)</translation>
    </message>
</context>
<context>
    <name>adding_up</name>
    <message>
        <source>the other {0}</source>
        <translation>나머지 {0}개</translation>
    </message>
    <message>
        <source>map by {0}, in {1} cells</source>
        <translation>{0} 맵, {1}칸</translation>
    </message>
    <message>
        <source>upsampled, over the frame</source>
        <translation>확대해서 프레임 위에</translation>
    </message>
    <message>
        <source>features: {0}; the {1} channels that matter most</source>
        <translation>특징: {0}. 가장 중요한 채널 {1}개</translation>
    </message>
    <message>
        <source>features: {0}</source>
        <translation>특징: {0}</translation>
    </message>
    <message>
        <source>map: weights × channels, in {0} cells</source>
        <translation>맵: 가중치 × 채널, {0}칸</translation>
    </message>
    <message>
        <source>pool: the mean of each channel, {0} numbers</source>
        <translation>풀링: 채널마다 평균, 숫자 {0}개</translation>
    </message>
    <message>
        <source>linear: weights [{0}, {1}]</source>
        <translation>선형: 가중치 [{0}, {1}]</translation>
    </message>
    <message>
        <source>each of the {0} places has its own weights</source>
        <translation>자리 {0}곳마다 가중치가 따로</translation>
    </message>
    <message>
        <source>weights tied to places and to one input size</source>
        <translation>가중치가 자리와 한 가지 입력 크기에 묶임</translation>
    </message>
    <message>
        <source>flatten: {0} numbers in a row</source>
        <translation>펼치기: 숫자 {0}개를 한 줄로</translation>
    </message>
    <message>
        <source>what the network sees</source>
        <translation>신경망이 보는 것</translation>
    </message>
    <message>
        <source>mean of {0} cells: {1}</source>
        <translation>칸 {0}개의 평균: {1}</translation>
    </message>
    <message>
        <source>row {0}, column {1}: {2} here</source>
        <translation>{0}행 {1}열: 여기서 {2}</translation>
    </message>
    <message>
        <source>÷ {0} = {1} of the {2}</source>
        <translation>÷ {0} = {1} ({2} 중)</translation>
    </message>
    <message>
        <source>row {0}, column {1}, channel {2}: {3} here</source>
        <translation>{0}행 {1}열, 채널 {2}: 여기서 {3}</translation>
    </message>
    <message>
        <source>channel {0}: mean {1} × weight {2}</source>
        <translation>채널 {0}: 평균 {1} × 가중치 {2}</translation>
    </message>
    <message>
        <source>= {0} of the {1}</source>
        <translation>= {0} ({1} 중)</translation>
    </message>
    <message>
        <source>pool: [{0}, {1}], one weight for a channel at every place</source>
        <translation>풀링: [{0}, {1}], 어느 자리든 채널의 가중치는 하나</translation>
    </message>
    <message>
        <source>flatten: [{0}, {1}], {2} × as many</source>
        <translation>펼치기: [{0}, {1}], {2}배</translation>
    </message>
    <message>
        <source>difference {0}</source>
        <translation>차이 {0}</translation>
    </message>
    <message>
        <source>logit {0}</source>
        <translation>로짓 {0}</translation>
    </message>
    <message>
        <source>these {0} channels</source>
        <translation>이 채널 {0}개</translation>
    </message>
    <message>
        <source>= difference</source>
        <translation>= 차이</translation>
    </message>
    <message>
        <source>= logit</source>
        <translation>= 로짓</translation>
    </message>
    <message>
        <source>row {0}, column {1}: {2} weights of its own, of {3}</source>
        <translation>{0}행 {1}열: 이 자리만의 가중치 {2}개(모두 {3}개)</translation>
    </message>
    <message>
        <source>channel {0}: pool has one weight for it, {1}</source>
        <translation>채널 {0}: 풀링에서는 가중치 하나, {1}</translation>
    </message>
    <message>
        <source>flatten has {0}, one for each place</source>
        <translation>펼치면 {0}개, 자리마다 하나</translation>
    </message>
    <message>
        <source>channel {0}: weight × channel</source>
        <translation>채널 {0}: 가중치 × 채널</translation>
    </message>
</context>
<context>
    <name>app</name>
    <message>
        <source>The settings couldn&apos;t be read: these are the defaults. The old ones are kept in {0}.</source>
        <translation>설정을 읽을 수 없어 기본 설정을 씁니다. 이전 설정은 {0}에 남아 있습니다.</translation>
    </message>
</context>
<context>
    <name>caption</name>
    <message>
        <source>● REC</source>
        <translation>● 녹화</translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>The labels file {path} is empty.</source>
        <translation>레이블 파일 {path}이(가) 비어 있습니다.</translation>
    </message>
    <message>
        <source>Give one label a line, in class order.</source>
        <translation>클래스 순서대로 한 줄에 레이블을 하나씩 적으세요.</translation>
    </message>
    <message>
        <source>The labels file {path} can&apos;t be read ({reason}).</source>
        <translation>레이블 파일 {path}을(를) 읽을 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>{name} has {labels} labels, but the model has {classes} classes.</source>
        <translation>{name}에는 레이블이 {labels}개 있지만 모델의 클래스는 {classes}개입니다.</translation>
    </message>
    <message>
        <source>{names} and {more} more</source>
        <translation>{names} 외 {more}개</translation>
    </message>
    <message>
        <source>for and against</source>
        <translation>긍정·부정</translation>
    </message>
    <message>
        <source>rainbow</source>
        <translation>무지개</translation>
    </message>
    <message>
        <source>Choose a state dict of torchvision&apos;s {model}, or another model.</source>
        <translation>torchvision의 {model} 상태 사전을 고르거나 다른 모델을 고르세요.</translation>
    </message>
    <message>
        <source>These weights are not of {model}.</source>
        <translation>{model}의 가중치가 아닙니다.</translation>
    </message>
    <message>
        <source>There is no device {name!r}.</source>
        <translation>{name!r} 장치가 없습니다.</translation>
    </message>
    <message>
        <source>The weights of {model} are not on this computer.</source>
        <translation>{model}의 가중치가 이 컴퓨터에 없습니다.</translation>
    </message>
    <message>
        <source>There is no model {name!r}.</source>
        <translation>{name!r} 모델이 없습니다.</translation>
    </message>
    <message>
        <source>Use one of {names}.</source>
        <translation>{names} 중 하나를 쓰세요.</translation>
    </message>
    <message>
        <source>{device} failed: {reason}</source>
        <translation>{device} 장치에 오류가 났습니다: {reason}</translation>
    </message>
    <message>
        <source>{model} doesn&apos;t run on this computer.</source>
        <translation>{model} 모델은 이 컴퓨터에서 실행되지 않습니다.</translation>
    </message>
    <message>
        <source>See the log.</source>
        <translation>로그를 확인하세요.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>다른 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>The file doesn&apos;t fit {architecture}: {problems}.</source>
        <translation>파일이 {architecture} 구조에 맞지 않습니다: {problems}.</translation>
    </message>
    <message>
        <source>there is no classifier for its {width} features</source>
        <translation>특징 {width}개를 받는 분류기가 없음</translation>
    </message>
    <message>
        <source>{name} is no image classifier: it takes {inputs}.</source>
        <translation>{name}은(는) 이미지 분류기가 아닙니다. 받는 입력: {inputs}.</translation>
    </message>
    <message>
        <source>{name} takes images as {dtype}; camviewer knows float32, float16 and uint8.</source>
        <translation>{name}은(는) 이미지를 {dtype}(으)로 받습니다. camviewer는 float32, float16, uint8만 압니다.</translation>
    </message>
    <message>
        <source>Export it with one of these as the input&apos;s type.</source>
        <translation>입력 자료형을 이 가운데 하나로 해서 내보내세요.</translation>
    </message>
    <message>
        <source>{name} takes only {inputs}; camviewer makes one square image.</source>
        <translation>{name}은(는) {inputs}만 받습니다. camviewer는 정사각형 이미지 한 장을 만듭니다.</translation>
    </message>
    <message>
        <source>Export it with open sizes (dynamic axes), or for one square image.</source>
        <translation>크기를 정하지 않고(dynamic axes) 내보내거나, 정사각형 이미지 한 장용으로 내보내세요.</translation>
    </message>
    <message>
        <source>{name} is a detector or a segmenter, not a classifier: it gives {outputs}.</source>
        <translation>{name}은(는) 분류기가 아니라 검출 또는 분할 모델입니다. 내는 출력: {outputs}.</translation>
    </message>
    <message>
        <source>Choose a model that gives one score a class for the whole image.</source>
        <translation>이미지 전체에 대해 클래스마다 점수를 하나씩 내는 모델을 고르세요.</translation>
    </message>
    <message>
        <source>{name} gives {output}, not one score a class.</source>
        <translation>{name}의 출력은 클래스마다 점수 하나가 아니라 {output}입니다.</translation>
    </message>
    <message>
        <source>Export it without ArgMax, as far as its scores.</source>
        <translation>ArgMax를 빼고 점수까지만 내보내세요.</translation>
    </message>
    <message>
        <source>The model file {path} can&apos;t be read.</source>
        <translation>모델 파일 {path}을(를) 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>{name} is damaged: it can&apos;t be read as an ONNX model.</source>
        <translation>{name} 파일이 손상되었습니다. ONNX 모델로 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>{name} takes {inputs}; camviewer makes images of 1, 3 or 4 channels.</source>
        <translation>{name}은(는) {inputs}을(를) 받습니다. camviewer는 채널이 1개, 3개 또는 4개인 이미지를 만듭니다.</translation>
    </message>
    <message>
        <source>Choose an image classifier that was exported as ONNX.</source>
        <translation>ONNX로 내보낸 이미지 분류기를 고르세요.</translation>
    </message>
    <message>
        <source>{name} is not an ONNX model.</source>
        <translation>{name}은(는) ONNX 모델이 아닙니다.</translation>
    </message>
    <message>
        <source>{name} is damaged: {tensor} has other sizes than its data.</source>
        <translation>{name} 파일이 손상되었습니다. {tensor}의 크기가 데이터와 맞지 않습니다.</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>Choose a smaller model.</source>
        <translation>더 작은 모델을 고르세요.</translation>
    </message>
    <message>
        <source>{name} asks for weights outside of its folder: {location!r}.</source>
        <translation>{name} 파일이 자기 폴더 밖에 있는 가중치를 찾습니다: {location!r}.</translation>
    </message>
    <message>
        <source>Put the weights beside the model, as the exporter wrote them.</source>
        <translation>가중치를 내보낸 그대로 모델 옆에 두세요.</translation>
    </message>
    <message>
        <source>{name} has its weights in {location}, which is missing.</source>
        <translation>{name}의 가중치가 든 {location} 파일이 없습니다.</translation>
    </message>
    <message>
        <source>Put that file beside the model.</source>
        <translation>그 파일을 모델 옆에 두세요.</translation>
    </message>
    <message>
        <source>{name} is written for a newer ONNX Runtime (opset {opset}, IR {ir}) than {version}, which is installed.</source>
        <translation>{name} 파일은 설치된 ONNX Runtime {version}보다 더 새로운 버전용입니다(opset {opset}, IR {ir}).</translation>
    </message>
    <message>
        <source>Export it with a lower opset, such as opset_version=17, or install a newer onnxruntime.</source>
        <translation>opset_version=17처럼 더 낮은 opset으로 내보내거나 더 새로운 onnxruntime을 설치하세요.</translation>
    </message>
    <message>
        <source>{name} needs the operator {operator} of {domain!r}, which only a plug-in knows.</source>
        <translation>{name}에 필요한 {domain!r}의 {operator} 연산자는 플러그인이 있어야 쓸 수 있습니다.</translation>
    </message>
    <message>
        <source>Export the model without operators of its own.</source>
        <translation>모델을 자체 연산자 없이 내보내세요.</translation>
    </message>
    <message>
        <source>{name} is a whole pickled object ({kind}): a program, which opening would run.</source>
        <translation>{name}은(는) Python 객체({kind})를 통째로 저장한 pickle 파일입니다. 열면 실행되는 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>Save its weights alone where its code is, and open that file: {line}</source>
        <translation>모델의 코드가 있는 곳에서 가중치만 저장한 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>{name} is a TorchScript file: a program, which opening would run.</source>
        <translation>{name}은(는) TorchScript 파일입니다. 열면 실행되는 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>{name} is a model of Ultralytics: a program, which opening would run.</source>
        <translation>{name}은(는) Ultralytics 모델입니다. 열면 실행되는 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>Export it to ONNX where Ultralytics is installed, and open that file: {line}</source>
        <translation>Ultralytics가 설치된 곳에서 ONNX로 내보낸 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>{name} is a Learner of fastai: a program, which opening would run.</source>
        <translation>{name}은(는) fastai의 Learner입니다. 열면 실행되는 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>{name} is not a weights file that can be read safely: it asks to run {program}.</source>
        <translation>{name}은(는) 안전하게 읽을 수 있는 가중치 파일이 아닙니다. {program}을(를) 실행하려고 합니다.</translation>
    </message>
    <message>
        <source>Don&apos;t open it elsewhere either. Ask for a .safetensors file.</source>
        <translation>다른 곳에서도 열지 마세요. .safetensors 파일을 달라고 요청하세요.</translation>
    </message>
    <message>
        <source>The network {name} needs the package {package}, which can&apos;t be loaded: {reason}</source>
        <translation>{name} 신경망에 필요한 {package} 패키지를 불러올 수 없습니다: {reason}</translation>
    </message>
    <message>
        <source>Install it: pip install {package}</source>
        <translation>설치하세요: pip install {package}</translation>
    </message>
    <message>
        <source>camviewer can&apos;t build networks of {library!r}.</source>
        <translation>camviewer는 {library!r}의 신경망을 만들 수 없습니다.</translation>
    </message>
    <message>
        <source>Use one of torchvision or timm, or export the model as ONNX.</source>
        <translation>torchvision이나 timm의 신경망을 쓰거나, 모델을 ONNX로 내보내세요.</translation>
    </message>
    <message>
        <source>{library} can&apos;t build {name!r}: {reason}</source>
        <translation>{library}에서 {name!r} 신경망을 만들 수 없습니다: {reason}</translation>
    </message>
    <message>
        <source>Check the architecture&apos;s name, and which version of {library} made the file.</source>
        <translation>구조의 이름과 파일을 만든 {library}의 버전을 확인하세요.</translation>
    </message>
    <message>
        <source>Export the network to ONNX, and open that file: {line}</source>
        <translation>신경망을 ONNX로 내보낸 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>The weights in {name} are of no network that camviewer knows.</source>
        <translation>{name}의 가중치는 camviewer가 아는 신경망의 것이 아닙니다.</translation>
    </message>
    <message>
        <source>The weights in {name} are of no network that camviewer knows. The nearest: {near}.</source>
        <translation>{name}의 가중치는 camviewer가 아는 신경망의 것이 아닙니다. 가장 가까운 것: {near}.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be run.</source>
        <translation>{name}을(를) 실행할 수 없습니다.</translation>
    </message>
    <message>
        <source>ONNX Runtime can&apos;t run {name} ({reason}).</source>
        <translation>ONNX Runtime에서 {name}을(를) 실행할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Export the model again, with opset 17 or newer.</source>
        <translation>opset 17 이상으로 모델을 다시 내보내세요.</translation>
    </message>
    <message>
        <source>the mean over its cells and the linear layer give other scores (difference {error})</source>
        <translation>칸의 평균과 선형층으로 계산한 점수가 실제 점수와 다름(차이 {error})</translation>
    </message>
    <message>
        <source>what is averaged has no cells</source>
        <translation>평균을 내는 값에 칸이 없음</translation>
    </message>
    <message>
        <source>the scores are made of the image without a mean over cells</source>
        <translation>칸의 평균을 거치지 않고 이미지에서 점수가 나옴</translation>
    </message>
    <message>
        <source>what goes into the last linear layer comes out of {operator}, not of a mean over cells</source>
        <translation>마지막 선형층에 들어가는 값이 칸의 평균이 아니라 {operator}에서 나옴</translation>
    </message>
    <message>
        <source>the scores come out of {operator}, not a linear layer</source>
        <translation>점수가 선형층이 아니라 {operator}에서 나옴</translation>
    </message>
    <message>
        <source>what goes into the last linear layer is one token of a transformer, not a mean over cells</source>
        <translation>마지막 선형층에 들어가는 값이 칸의 평균이 아니라 트랜스포머의 토큰 하나임</translation>
    </message>
    <message>
        <source>No layer of {name} has cells that its scores depend on.</source>
        <translation>{name}에는 점수에 영향을 주는 칸이 있는 층이 없습니다.</translation>
    </message>
    <message>
        <source>Choose a convolutional network or a vision transformer.</source>
        <translation>합성곱 신경망이나 비전 트랜스포머를 고르세요.</translation>
    </message>
    <message>
        <source>{name} takes images of {channels} channels, not of {given}.</source>
        <translation>{name}은(는) 채널이 {given}개가 아니라 {channels}개인 이미지를 받습니다.</translation>
    </message>
    <message>
        <source>Give as many numbers for mean and std in the model card.</source>
        <translation>모델 카드의 평균과 표준편차에 그 수만큼 값을 쓰세요.</translation>
    </message>
    <message>
        <source>{name} takes images of {fixed} pixels a side, not of {side}.</source>
        <translation>{name}은(는) 한 변이 {side} 픽셀이 아니라 {fixed} 픽셀인 이미지를 받습니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be run with an image of {side} × {side} pixels ({reason}).</source>
        <translation>{name}을(를) {side} × {side} 픽셀 이미지로 실행할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>The Python program that opened this window has ended.</source>
        <translation>이 창을 연 Python 프로그램이 끝났습니다.</translation>
    </message>
    <message>
        <source>What is in view stays; choose another model to go on.</source>
        <translation>보이는 것은 그대로 남습니다. 계속하려면 다른 모델을 고르세요.</translation>
    </message>
    <message>
        <source>The network has changed.</source>
        <translation>신경망이 바뀌었습니다.</translation>
    </message>
    <message>
        <source>{name} failed ({reason}).</source>
        <translation>{name}: 실패했습니다({reason}).</translation>
    </message>
    <message>
        <source>The Python program&apos;s log has the traceback.</source>
        <translation>오류 추적 내용은 Python 프로그램의 로그에 있습니다.</translation>
    </message>
    <message>
        <source>The network&apos;s input has {channels} channels.</source>
        <translation>신경망의 입력 채널이 {channels}개입니다.</translation>
    </message>
    <message>
        <source>Open a network whose input has 1 (grey), 3 (colour) or 4 (colour and alpha) channels.</source>
        <translation>입력 채널이 1개(회색), 3개(컬러) 또는 4개(컬러와 알파)인 신경망을 여세요.</translation>
    </message>
    <message>
        <source>{name} is a TorchScript module, which can&apos;t be looked into.</source>
        <translation>{name}: TorchScript 모듈이라 안을 들여다볼 수 없습니다.</translation>
    </message>
    <message>
        <source>Give the network that it was made from.</source>
        <translation>원래의 신경망을 주세요.</translation>
    </message>
    <message>
        <source>{name} has lazy layers without weights yet.</source>
        <translation>{name}: 아직 가중치가 없는 지연 층이 있습니다.</translation>
    </message>
    <message>
        <source>Run it once before.</source>
        <translation>먼저 한 번 실행하세요.</translation>
    </message>
    <message>
        <source>{name} has its weights on {devices}.</source>
        <translation>{name}: 가중치가 {devices}에 있습니다.</translation>
    </message>
    <message>
        <source>Move it to one device.</source>
        <translation>한 장치로 옮기세요.</translation>
    </message>
    <message>
        <source>{name} gives {count} rows of scores for one picture.</source>
        <translation>{name}: 사진 한 장에 점수를 {count}줄 냅니다.</translation>
    </message>
    <message>
        <source>Give a network that returns a tensor [pictures, classes].</source>
        <translation>텐서 [사진, 클래스]를 돌려주는 신경망을 주세요.</translation>
    </message>
    <message>
        <source>{name} can&apos;t take an input of {channels} × {height} × {width} ({reason}).</source>
        <translation>{name}: {channels} × {height} × {width} 입력을 받지 못합니다({reason}).</translation>
    </message>
    <message>
        <source>Give the size that it was trained with: size=…; and a mean for each channel: mean=….</source>
        <translation>학습할 때의 크기를 size=…로, 채널마다의 평균을 mean=…으로 주세요.</translation>
    </message>
    <message>
        <source>The network&apos;s output is not one score for each class.</source>
        <translation>신경망의 출력이 클래스마다 점수 하나가 아닙니다.</translation>
    </message>
    <message>
        <source>Open a classifier: camviewer can&apos;t explain detectors, segmentation and the like.</source>
        <translation>분류기를 여세요. camviewer는 검출이나 분할 같은 모델은 분석할 수 없습니다.</translation>
    </message>
    <message>
        <source>No layer near the end of this network has cells that stand for parts of the frame.</source>
        <translation>이 신경망의 끝부분에는 프레임의 각 부분을 나타내는 칸이 있는 층이 없습니다.</translation>
    </message>
    <message>
        <source>Open a network of convolutions or patches: there is nothing to draw a map on here.</source>
        <translation>합성곱이나 패치를 쓰는 신경망을 여세요. 여기에는 맵을 그릴 곳이 없습니다.</translation>
    </message>
    <message>
        <source>No layer&apos;s mean over its cells goes into one linear layer.</source>
        <translation>칸의 평균이 선형층 하나로 들어가는 층이 없습니다.</translation>
    </message>
    <message>
        <source>What follows the pooling is not linear.</source>
        <translation>풀링 다음이 선형이 아닙니다.</translation>
    </message>
    <message>
        <source>The features are flattened before the first linear layer.</source>
        <translation>첫 선형층 앞에서 특징을 한 줄로 펼칩니다.</translation>
    </message>
    <message>
        <source>The pooling takes the largest value of each channel, not the mean.</source>
        <translation>풀링이 채널마다 평균이 아니라 가장 큰 값을 씁니다.</translation>
    </message>
    <message>
        <source>Two linear layers with an activation between follow the pooling.</source>
        <translation>풀링 다음에 선형층이 둘 있고 그 사이에 활성화 함수가 있습니다.</translation>
    </message>
    <message>
        <source>The network&apos;s outputs are probabilities, not scores.</source>
        <translation>신경망의 출력이 점수가 아니라 확률입니다.</translation>
    </message>
    <message>
        <source>More than the mean over the cells goes into the scores.</source>
        <translation>칸의 평균 말고 다른 값도 점수에 들어갑니다.</translation>
    </message>
    <message>
        <source>A class token speaks for the whole input.</source>
        <translation>클래스 토큰이 입력 전체를 대표합니다.</translation>
    </message>
    <message>
        <source>Tokens that stand for no cell take part in the mean.</source>
        <translation>어느 칸도 나타내지 않는 토큰이 평균에 들어갑니다.</translation>
    </message>
    <message>
        <source>camviewer may not write into {folder}.</source>
        <translation>{folder} 폴더에 쓸 권한이 없습니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be written ({reason}).</source>
        <translation>{name} 파일을 쓸 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>{name} already exists in {folder}.</source>
        <translation>{folder} 폴더에 {name} 파일이 이미 있습니다.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>다른 이름을 고르세요.</translation>
    </message>
    <message>
        <source>{path} is a folder.</source>
        <translation>{path}은(는) 폴더입니다.</translation>
    </message>
    <message>
        <source>Choose the name of a file.</source>
        <translation>파일 이름을 고르세요.</translation>
    </message>
    <message>
        <source>The folder {folder} doesn&apos;t exist.</source>
        <translation>{folder} 폴더가 없습니다.</translation>
    </message>
    <message>
        <source>{folder} is not a folder.</source>
        <translation>{folder}은(는) 폴더가 아닙니다.</translation>
    </message>
    <message>
        <source>There is no room for {name} on the disk.</source>
        <translation>디스크에 {name} 파일을 저장할 공간이 없습니다.</translation>
    </message>
    <message>
        <source>Make room, or choose another folder.</source>
        <translation>공간을 확보하거나 다른 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>The name {name} is too long.</source>
        <translation>{name} 이름이 너무 깁니다.</translation>
    </message>
    <message>
        <source>Choose a shorter name.</source>
        <translation>더 짧은 이름을 고르세요.</translation>
    </message>
    <message>
        <source>The folder {folder} can&apos;t be made ({reason}).</source>
        <translation>{folder} 폴더를 만들 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>{name} is too large.</source>
        <translation>{name} 파일이 너무 큽니다.</translation>
    </message>
    <message>
        <source>Make it {most} megapixels or less, or a JPEG or plain PNG, which may be larger.</source>
        <translation>{most}메가픽셀 이하로 줄이거나, 더 커도 되는 JPEG 또는 일반 PNG로 바꾸세요.</translation>
    </message>
    <message>
        <source>{name} doesn&apos;t exist.</source>
        <translation>{name} 파일이 없습니다.</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>경로를 확인하세요.</translation>
    </message>
    <message>
        <source>{name} is not a file.</source>
        <translation>{name}은(는) 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>Open a photo or a folder of photos.</source>
        <translation>사진이나 사진 폴더를 여세요.</translation>
    </message>
    <message>
        <source>{name} is empty.</source>
        <translation>{name} 파일이 비어 있습니다.</translation>
    </message>
    <message>
        <source>{name} is not an image that camviewer can read.</source>
        <translation>{name}은(는) camviewer가 읽을 수 있는 이미지가 아닙니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be read ({reason}).</source>
        <translation>{name} 파일을 읽을 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>The file may be damaged.</source>
        <translation>파일이 손상되었을 수 있습니다.</translation>
    </message>
    <message>
        <source>The folder {folder} can&apos;t be read ({reason}).</source>
        <translation>{folder} 폴더를 읽을 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>The small pictures of the review can&apos;t be kept ({reason}).</source>
        <translation>검토에 쓸 작은 그림을 저장할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Make room on the disk, or set TMPDIR to a folder that has some.</source>
        <translation>디스크 공간을 확보하거나 TMPDIR을 공간이 있는 폴더로 지정하세요.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be explained ({reason}).</source>
        <translation>{name} 파일을 분석할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>What the model says of it is no number.</source>
        <translation>모델이 계산한 값이 숫자가 아닙니다.</translation>
    </message>
    <message>
        <source>This can&apos;t be kept as a snapshot ({reason}).</source>
        <translation>스냅샷으로 저장할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Save the overlay as an image.</source>
        <translation>오버레이를 이미지로 저장하세요.</translation>
    </message>
    <message>
        <source>{name} was saved by a newer camviewer ({version}).</source>
        <translation>{name} 파일은 더 새로운 camviewer({version})에서 저장했습니다.</translation>
    </message>
    <message>
        <source>Install the newest version to open it.</source>
        <translation>열려면 최신 버전을 설치하세요.</translation>
    </message>
    <message>
        <source>Open another file.</source>
        <translation>다른 파일을 여세요.</translation>
    </message>
    <message>
        <source>{name} is no snapshot that can be opened ({reason}).</source>
        <translation>{name}은(는) 열 수 있는 스냅샷이 아닙니다({reason}).</translation>
    </message>
    <message>
        <source>It may be damaged or changed; save it again.</source>
        <translation>손상되었거나 바뀌었을 수 있습니다. 다시 저장하세요.</translation>
    </message>
    <message>
        <source>{name!r} can&apos;t be right</source>
        <translation>{name!r} 값이 올바르지 않음</translation>
    </message>
    <message>
        <source>it is too large</source>
        <translation>너무 큼</translation>
    </message>
    <message>
        <source>it is cut off</source>
        <translation>뒷부분이 잘림</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>비어 있음</translation>
    </message>
    <message>
        <source>it is cut off, or no snapshot</source>
        <translation>뒷부분이 잘렸거나 스냅샷이 아님</translation>
    </message>
    <message>
        <source>it has too many entries</source>
        <translation>항목이 너무 많음</translation>
    </message>
    <message>
        <source>{name} is missing</source>
        <translation>{name} 없음</translation>
    </message>
    <message>
        <source>{name} is packed in an unknown way</source>
        <translation>{name}의 압축 방식을 알 수 없음</translation>
    </message>
    <message>
        <source>{name} is too large</source>
        <translation>{name}이(가) 너무 큼</translation>
    </message>
    <message>
        <source>{name} is not as long as it says</source>
        <translation>{name}의 길이가 맞지 않음</translation>
    </message>
    <message>
        <source>it is no snapshot</source>
        <translation>스냅샷이 아님</translation>
    </message>
    <message>
        <source>{name} is no number</source>
        <translation>{name}은(는) 숫자가 아님</translation>
    </message>
    <message>
        <source>the frame is not as large as it says</source>
        <translation>프레임 크기가 맞지 않음</translation>
    </message>
    <message>
        <source>arrays are missing or unknown: {names}</source>
        <translation>배열이 없거나 알 수 없음: {names}</translation>
    </message>
    <message>
        <source>a class is there twice</source>
        <translation>같은 클래스가 두 번 있음</translation>
    </message>
    <message>
        <source>logits and labels are not as many</source>
        <translation>로짓과 레이블의 개수가 다름</translation>
    </message>
    <message>
        <source>the weights don&apos;t belong to the features</source>
        <translation>가중치와 특징이 맞지 않음</translation>
    </message>
    <message>
        <source>the region is not in the frame</source>
        <translation>영역이 프레임을 벗어남</translation>
    </message>
    <message>
        <source>its maps and its logits don&apos;t belong together</source>
        <translation>맵과 로짓이 서로 맞지 않음</translation>
    </message>
    <message>
        <source>{name} is no object</source>
        <translation>{name}은(는) 객체가 아님</translation>
    </message>
    <message>
        <source>{name!r} is missing</source>
        <translation>{name!r} 없음</translation>
    </message>
    <message>
        <source>a picture is no PNG</source>
        <translation>그림이 PNG가 아님</translation>
    </message>
    <message>
        <source>a picture is damaged</source>
        <translation>그림이 손상됨</translation>
    </message>
    <message>
        <source>{name!r} is of {type}</source>
        <translation>{name!r}의 자료형이 {type}임</translation>
    </message>
    <message>
        <source>{name!r} has values that are no numbers</source>
        <translation>{name!r}에 숫자가 아닌 값이 있음</translation>
    </message>
    <message>
        <source>features of shape {shape} can&apos;t be right</source>
        <translation>특징의 모양 {shape}이(가) 올바르지 않음</translation>
    </message>
    <message>
        <source>an entry is there twice</source>
        <translation>같은 항목이 두 번 있음</translation>
    </message>
    <message>
        <source>a picture is too large</source>
        <translation>그림이 너무 큼</translation>
    </message>
    <message>
        <source>a picture is not RGB but {mode}</source>
        <translation>그림이 RGB가 아니라 {mode}임</translation>
    </message>
    <message>
        <source>{name!r} doesn&apos;t belong into it</source>
        <translation>{name!r} 항목은 있을 수 없음</translation>
    </message>
    <message>
        <source>Give a row for each photo: its path, a comma, its class.</source>
        <translation>사진마다 한 줄씩 경로, 쉼표, 클래스를 적으세요.</translation>
    </message>
    <message>
        <source>{names} or {more} more</source>
        <translation>{names} 외 {more}개</translation>
    </message>
    <message>
        <source>the folders&apos; names</source>
        <translation>폴더 이름</translation>
    </message>
    <message>
        <source>{name} has no rows of a path and a label.</source>
        <translation>{name}에 경로와 레이블이 있는 줄이 없습니다.</translation>
    </message>
    <message>
        <source>1 photo is</source>
        <translation>사진 1장</translation>
    </message>
    <message>
        <source>{count} photos are</source>
        <translation>사진 {count}장</translation>
    </message>
    <message>
        <source>{name} is not in UTF-8.</source>
        <translation>{name} 파일이 UTF-8이 아닙니다.</translation>
    </message>
    <message>
        <source>Save it as CSV in UTF-8.</source>
        <translation>UTF-8 CSV로 저장하세요.</translation>
    </message>
    <message>
        <source>{name} is no CSV ({reason}).</source>
        <translation>{name}은(는) CSV가 아닙니다({reason}).</translation>
    </message>
    <message>
        <source>1 row of {name} names no photo here: {paths}.</source>
        <translation>{name}의 1줄은 여기 없는 사진입니다: {paths}.</translation>
    </message>
    <message>
        <source>{count} rows of {name} name no photo here: {paths}.</source>
        <translation>{name}의 {count}줄은 여기 없는 사진입니다: {paths}.</translation>
    </message>
    <message>
        <source>1 row of {name} names more than one photo: {paths}.</source>
        <translation>{name}의 1줄은 해당하는 사진이 여럿입니다: {paths}.</translation>
    </message>
    <message>
        <source>{count} rows of {name} name more than one photo: {paths}.</source>
        <translation>{name}의 {count}줄은 해당하는 사진이 여럿입니다: {paths}.</translation>
    </message>
    <message>
        <source>{name} has different classes for the same photo, so none counts: {photos}.</source>
        <translation>{name}에 같은 사진의 클래스가 서로 달라 세지 않았습니다: {photos}.</translation>
    </message>
    <message>
        <source>{name!r} is {classes}</source>
        <translation>{name!r} = {classes}</translation>
    </message>
    <message>
        <source>Names that several classes have are not clear: {names}. Give the id instead; {photos} reviewed without a true class.</source>
        <translation>여러 클래스가 함께 쓰는 이름은 구별할 수 없습니다: {names}. 이름 대신 번호를 쓰세요. {photos}은 정답 클래스 없이 검토했습니다.</translation>
    </message>
    <message>
        <source>No class is called {names}; did you mean {classes}? {photos} reviewed without a true class.</source>
        <translation>{names}(이)라는 클래스가 없습니다. 비슷한 클래스: {classes}. {photos}은 정답 클래스 없이 검토했습니다.</translation>
    </message>
    <message>
        <source>No class is called {names}; {photos} reviewed without a true class.</source>
        <translation>{names}(이)라는 클래스가 없습니다. {photos}은 정답 클래스 없이 검토했습니다.</translation>
    </message>
    <message>
        <source>{name} is larger than {most} MB.</source>
        <translation>{name} 파일이 {most} MB보다 큽니다.</translation>
    </message>
    <message>
        <source>Choose a state dict of the model alone: torch.save(model.state_dict(), …).</source>
        <translation>모델의 상태 사전만 저장한 파일을 고르세요: torch.save(model.state_dict(), …).</translation>
    </message>
    <message>
        <source>{name} holds no state dict.</source>
        <translation>{name}에 상태 사전이 없습니다.</translation>
    </message>
    <message>
        <source>The weights file {path} is not a file.</source>
        <translation>가중치 파일 {path}은(는) 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>The weights file {path} doesn&apos;t exist.</source>
        <translation>가중치 파일 {path}이(가) 없습니다.</translation>
    </message>
    <message>
        <source>The weights file {path} is damaged: its checksum is wrong.</source>
        <translation>가중치 파일 {path}이(가) 손상되었습니다. 체크섬이 맞지 않습니다.</translation>
    </message>
    <message>
        <source>Install camviewer again.</source>
        <translation>camviewer를 다시 설치하세요.</translation>
    </message>
    <message>
        <source>Delete it; camviewer downloads it again.</source>
        <translation>삭제하면 camviewer가 다시 내려받습니다.</translation>
    </message>
    <message>
        <source>The weights file {path} can&apos;t be read.</source>
        <translation>가중치 파일 {path}을(를) 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>{name} is not a weights file that can be read safely.</source>
        <translation>{name}은(는) 안전하게 읽을 수 있는 가중치 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>{name} holds no state dict ({key!r} is no plain tensor).</source>
        <translation>{name}에 상태 사전이 없습니다({key!r}은(는) 일반 텐서가 아님).</translation>
    </message>
    <message>
        <source>The weights in {name} are not all finite ({key!r}).</source>
        <translation>{name}의 가중치에 유한하지 않은 값이 있습니다({key!r}).</translation>
    </message>
    <message>
        <source>The file is damaged or its training failed; choose another.</source>
        <translation>파일이 손상되었거나 학습에 실패한 것입니다. 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>The check died ({how}){words}.</source>
        <translation>검사가 중단되었습니다({how}){words}.</translation>
    </message>
    <message>
        <source>; its last words: {words}</source>
        <translation>. 마지막 출력: {words}</translation>
    </message>
    <message>
        <source>It took longer than {seconds} s{words}.</source>
        <translation>{seconds}초 안에 끝나지 않았습니다{words}.</translation>
    </message>
    <message>
        <source>{program} can&apos;t be started: {reason}</source>
        <translation>{program}을(를) 시작할 수 없습니다: {reason}</translation>
    </message>
    <message>
        <source>signal {number}</source>
        <translation>시그널 {number}</translation>
    </message>
    <message>
        <source>exit status {number}</source>
        <translation>종료 상태 {number}</translation>
    </message>
    <message>
        <source>See the log; report it.</source>
        <translation>로그를 확인하고 알려 주세요.</translation>
    </message>
    <message>
        <source>Install camviewer again; its files are damaged or incomplete.</source>
        <translation>camviewer를 다시 설치하세요. 파일이 손상되었거나 빠져 있습니다.</translation>
    </message>
    <message>
        <source>Update the graphics driver, or start with --device cpu.</source>
        <translation>그래픽 드라이버를 업데이트하거나 --device cpu로 시작하세요.</translation>
    </message>
    <message>
        <source>Report it.</source>
        <translation>알려 주세요.</translation>
    </message>
    <message>
        <source>{system}, {count} processors</source>
        <translation>{system}, 프로세서 {count}개</translation>
    </message>
    <message>
        <source>bundle</source>
        <translation>묶음</translation>
    </message>
    <message>
        <source>{labels} labels, {photos} sample photos, {icons} icons</source>
        <translation>레이블 {labels}개, 예제 사진 {photos}장, 아이콘 {icons}개</translation>
    </message>
    <message>
        <source>weights of {model}</source>
        <translation>{model} 가중치</translation>
    </message>
    <message>
        <source>overlay</source>
        <translation>오버레이</translation>
    </message>
    <message>
        <source>window</source>
        <translation>창</translation>
    </message>
    <message>
        <source>Qt&apos;s plugins for {names} are missing.</source>
        <translation>Qt의 {names} 플러그인이 없습니다.</translation>
    </message>
    <message>
        <source>{path} is missing</source>
        <translation>{path} 없음</translation>
    </message>
    <message>
        <source>{count} more files are missing or damaged.</source>
        <translation>그 밖에 파일 {count}개가 없거나 손상되었습니다.</translation>
    </message>
    <message>
        <source>{count} files as they were built, {size} MB</source>
        <translation>파일 {count}개 모두 만들어진 그대로, {size} MB</translation>
    </message>
    <message>
        <source>There are {count} labels, not {classes}.</source>
        <translation>레이블이 {classes}개가 아니라 {count}개입니다.</translation>
    </message>
    <message>
        <source>The window downloads them once, or open a weights file there.</source>
        <translation>창에서 한 번 내려받거나 가중치 파일을 여세요.</translation>
    </message>
    <message>
        <source>Delete the file; camviewer downloads it again.</source>
        <translation>파일을 삭제하면 camviewer가 다시 내려받습니다.</translation>
    </message>
    <message>
        <source>{path} is damaged: its checksum is wrong.</source>
        <translation>{path} 파일이 손상되었습니다. 체크섬이 맞지 않습니다.</translation>
    </message>
    <message>
        <source>verified</source>
        <translation>확인됨</translation>
    </message>
    <message>
        <source>chosen by you, not verified</source>
        <translation>직접 고른 파일, 확인하지 않음</translation>
    </message>
    <message>
        <source>The sample photo of a cat is taken for {label}.</source>
        <translation>고양이 예제 사진을 {label}(으)로 예측했습니다.</translation>
    </message>
    <message>
        <source>No overlay within {seconds} s. {words}</source>
        <translation>{seconds}초 안에 오버레이가 나오지 않았습니다. {words}</translation>
    </message>
    <message>
        <source>system</source>
        <translation>시스템</translation>
    </message>
    <message>
        <source>libraries</source>
        <translation>라이브러리</translation>
    </message>
    <message>
        <source>{name} is missing or damaged.</source>
        <translation>{name}이(가) 없거나 손상되었습니다.</translation>
    </message>
    <message>
        <source>{path} can&apos;t be read: {reason}</source>
        <translation>{path} 파일을 읽을 수 없음: {reason}</translation>
    </message>
    <message>
        <source>files</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>{device} computes wrongly: a map&apos;s mean and bias add up to {sum}, not {logit}.</source>
        <translation>{device} 장치의 계산이 틀립니다. 맵의 평균과 편향의 합이 {logit}이 아니라 {sum}입니다.</translation>
    </message>
    <message>
        <source>saved and read again: {label}, {share} %</source>
        <translation>저장하고 다시 읽음: {label}, {share}%</translation>
    </message>
    <message>
        <source>{name} can&apos;t be loaded: {reason}</source>
        <translation>{name}을(를) 불러올 수 없습니다: {reason}</translation>
    </message>
    <message>
        <source>{path} is damaged: it has {there} bytes, not {size}</source>
        <translation>{path} 파일이 손상됨: {size}바이트가 아니라 {there}바이트</translation>
    </message>
    <message>
        <source>{path} is damaged: its checksum is wrong</source>
        <translation>{path} 파일이 손상됨: 체크섬이 맞지 않음</translation>
    </message>
    <message>
        <source>They are not on this computer.</source>
        <translation>이 컴퓨터에 없습니다.</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>캐시</translation>
    </message>
    <message>
        <source>embedded</source>
        <translation>내장</translation>
    </message>
    <message>
        <source>device {name}</source>
        <translation>장치 {name}</translation>
    </message>
    <message>
        <source>{time} ms for a forward pass of {model}, {library}</source>
        <translation>{model} 순전파 한 번에 {time} ms, {library}</translation>
    </message>
    <message>
        <source>A saved overlay can&apos;t be read again.</source>
        <translation>저장한 오버레이를 다시 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>first overlay after {time} s ({where})</source>
        <translation>{time}초 만에 첫 오버레이 ({where})</translation>
    </message>
    <message>
        <source>video</source>
        <translation>동영상</translation>
    </message>
    <message>
        <source>No picture within {seconds} s.</source>
        <translation>{seconds}초 안에 그림이 들어오지 않았습니다.</translation>
    </message>
    <message>
        <source>Close other programs; plug it in again.</source>
        <translation>다른 프로그램을 닫고 다시 연결하세요.</translation>
    </message>
    <message>
        <source>No camera is plugged in, or this program may not see one.</source>
        <translation>연결된 카메라가 없거나 이 프로그램이 카메라를 볼 수 없습니다.</translation>
    </message>
    <message>
        <source>Plug one in; check the system&apos;s privacy settings.</source>
        <translation>카메라를 연결하고 시스템의 개인정보 보호 설정을 확인하세요.</translation>
    </message>
    <message>
        <source>{size} at {scale} %</source>
        <translation>{size}, {scale}%</translation>
    </message>
    <message>
        <source>The window needs a display. `camviewer explain` needs none.</source>
        <translation>창에는 디스플레이가 필요합니다. `camviewer explain`에는 필요 없습니다.</translation>
    </message>
    <message>
        <source>Install one, such as Debian&apos;s fonts-dejavu-core.</source>
        <translation>Debian의 fonts-dejavu-core 같은 글꼴을 설치하세요.</translation>
    </message>
    <message>
        <source>There are none: text can&apos;t be shown.</source>
        <translation>글꼴이 없어 글자를 표시할 수 없습니다.</translation>
    </message>
    <message>
        <source>folder of settings</source>
        <translation>설정 폴더</translation>
    </message>
    <message>
        <source>folder of log</source>
        <translation>로그 폴더</translation>
    </message>
    <message>
        <source>folder of pictures</source>
        <translation>그림 폴더</translation>
    </message>
    <message>
        <source>folder of downloads of weights</source>
        <translation>내려받은 가중치 폴더</translation>
    </message>
    <message>
        <source>folder of temporary files</source>
        <translation>임시 파일 폴더</translation>
    </message>
    <message>
        <source>camera {number}</source>
        <translation>카메라 {number}</translation>
    </message>
    <message>
        <source>{camera}: a frame of {size} after {time} s; {count} formats: {sizes}</source>
        <translation>{camera}: {time}초 만에 {size} 프레임, 형식 {count}개: {sizes}</translation>
    </message>
    <message>
        <source>log</source>
        <translation>로그</translation>
    </message>
    <message>
        <source>written and played: {names}</source>
        <translation>쓰고 재생함: {names}</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>display</source>
        <translation>디스플레이</translation>
    </message>
    <message>
        <source>There is no display.</source>
        <translation>디스플레이가 없습니다.</translation>
    </message>
    <message>
        <source>fonts</source>
        <translation>글꼴</translation>
    </message>
    <message>
        <source>{count} families</source>
        <translation>{count}종</translation>
    </message>
    <message>
        <source>{folder} can&apos;t be written: {reason}.</source>
        <translation>{folder} 폴더에 쓸 수 없습니다: {reason}.</translation>
    </message>
    <message>
        <source>{path} (none yet)</source>
        <translation>{path} (아직 없음)</translation>
    </message>
    <message>
        <source>Make room or change its permissions.</source>
        <translation>공간을 확보하거나 권한을 바꾸세요.</translation>
    </message>
    <message>
        <source>{model} has no maps by {method}.</source>
        <translation>{model}에는 {method} 맵이 없습니다.</translation>
    </message>
    <message>
        <source>{model} has no maps.</source>
        <translation>{model}에는 맵이 없습니다.</translation>
    </message>
    <message>
        <source>Its card says why.</source>
        <translation>까닭은 모델 카드에 있습니다.</translation>
    </message>
    <message>
        <source>The Python program that opened this window doesn&apos;t answer.</source>
        <translation>이 창을 연 Python 프로그램이 응답하지 않습니다.</translation>
    </message>
    <message>
        <source>Choose another model, or open the window again from there.</source>
        <translation>다른 모델을 고르거나, 그 프로그램에서 창을 다시 여세요.</translation>
    </message>
    <message>
        <source>There is no display for the window.</source>
        <translation>창을 띄울 화면이 없습니다.</translation>
    </message>
    <message>
        <source>`camviewer.explain` needs none; over SSH, start with `ssh -X`.</source>
        <translation>`camviewer.explain`은 화면이 필요 없습니다. SSH에서는 `ssh -X`로 시작하세요.</translation>
    </message>
    <message>
        <source>Download them once, or open a model file.</source>
        <translation>한 번 내려받거나 모델 파일을 여세요.</translation>
    </message>
    <message>
        <source>one more pass; the map is the same for every class</source>
        <translation>한 번 더 통과, 모든 클래스의 맵이 같음</translation>
    </message>
    <message>
        <source>This model has no layer {layer} that maps can be made of.</source>
        <translation>이 모델에는 맵을 만들 수 있는 {layer} 층이 없습니다.</translation>
    </message>
    <message>
        <source>Choose one of these: {layers}.</source>
        <translation>다음 중 하나를 고르세요: {layers}.</translation>
    </message>
    <message>
        <source>one pass for the maps of all classes</source>
        <translation>한 번 통과로 모든 클래스의 맵</translation>
    </message>
    <message>
        <source>one pass, and one gradient for each class</source>
        <translation>한 번 통과, 클래스마다 기울기 한 번</translation>
    </message>
    <message>
        <source>It needs a network that ends in pooling and one linear layer.</source>
        <translation>풀링과 선형층 하나로 끝나는 신경망이 필요합니다.</translation>
    </message>
    <message>
        <source>It needs gradients, which this model can&apos;t give (ONNX files hold none).</source>
        <translation>기울기가 필요한데 이 모델로는 구할 수 없습니다(ONNX 파일에는 없습니다).</translation>
    </message>
    <message>
        <source>It needs attention over the whole input, which this network doesn&apos;t have.</source>
        <translation>입력 전체에 대한 어텐션이 필요한데 이 신경망에는 없습니다.</translation>
    </message>
    <message>
        <source>It needs passes with a changed input or layer, which this model can&apos;t do.</source>
        <translation>입력이나 층을 바꿔 다시 통과시켜야 하는데 이 모델로는 할 수 없습니다.</translation>
    </message>
    <message>
        <source>It needs pooling and one linear layer at the end: {reason}</source>
        <translation>끝에 풀링과 선형층 하나가 필요합니다: {reason}</translation>
    </message>
    <message>
        <source>one pass for each cell of the map, from the layer on</source>
        <translation>맵의 칸마다 그 층부터 한 번 통과</translation>
    </message>
    <message>
        <source>one pass for each channel, {channels} at most</source>
        <translation>채널마다 한 번 통과, 많아야 {channels}번</translation>
    </message>
    <message>
        <source>Choose a state dict saved by torch.save, a .safetensors or an ONNX file.</source>
        <translation>torch.save로 저장한 상태 사전이나 .safetensors 또는 ONNX 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{name} holds several networks ({keys}).</source>
        <translation>{name}에 신경망이 여럿 들어 있습니다({keys}).</translation>
    </message>
    <message>
        <source>Save the state dict of one of them: torch.save(model.state_dict(), …).</source>
        <translation>그중 하나의 상태 사전만 저장하세요: torch.save(model.state_dict(), …).</translation>
    </message>
    <message>
        <source>Mend the card, or save one from Model → Model card.</source>
        <translation>카드를 고치거나 모델 → 모델 카드에서 저장하세요.</translation>
    </message>
    <message>
        <source>Give one label a class, in class order.</source>
        <translation>클래스 순서대로 클래스마다 레이블을 하나씩 주세요.</translation>
    </message>
    <message>
        <source>It needs a layer whose output has cells, which this network doesn&apos;t have.</source>
        <translation>출력에 칸이 있는 층이 필요하지만 이 네트워크에는 없습니다.</translation>
    </message>
    <message>
        <source>Until then the CPU is used.</source>
        <translation>그때까지는 CPU를 씁니다.</translation>
    </message>
    <message>
        <source>computes with {precision} (also {others})</source>
        <translation>{precision}(으)로 계산 ({others}도 가능)</translation>
    </message>
    <message>
        <source>{memory} GiB of memory ({free} free), compute capability {capability}, driver {driver}</source>
        <translation>메모리 {memory} GiB ({free} 남음), compute capability {capability}, 드라이버 {driver}</translation>
    </message>
    <message>
        <source>CUDA_VISIBLE_DEVICES hides all of NVIDIA&apos;s GPUs.</source>
        <translation>CUDA_VISIBLE_DEVICES가 모든 NVIDIA GPU를 숨깁니다.</translation>
    </message>
    <message>
        <source>camviewer has never been tried on a device of this kind.</source>
        <translation>이런 종류의 장치에서는 camviewer를 시험해 본 적이 없습니다.</translation>
    </message>
    <message>
        <source>{device} was found but doesn&apos;t run the model.</source>
        <translation>{device} 장치를 찾았지만 모델이 실행되지 않습니다.</translation>
    </message>
    <message>
        <source>computes with {precision}</source>
        <translation>{precision}(으)로 계산</translation>
    </message>
    <message>
        <source>There is an NVIDIA driver ({version}), but this PyTorch is made without it.</source>
        <translation>NVIDIA 드라이버({version})가 있지만 이 PyTorch는 CUDA를 지원하지 않습니다.</translation>
    </message>
    <message>
        <source>Unset it, if they are to be used.</source>
        <translation>GPU를 쓰려면 이 변수를 지우세요.</translation>
    </message>
    <message>
        <source>If something is wrong, start with --device cpu.</source>
        <translation>문제가 있으면 --device cpu로 시작하세요.</translation>
    </message>
    <message>
        <source>Install a PyTorch with CUDA, if the GPU is to be used.</source>
        <translation>GPU를 쓰려면 CUDA를 지원하는 PyTorch를 설치하세요.</translation>
    </message>
    <message>
        <source>not installed: this is the light edition</source>
        <translation>설치되지 않음: 라이트판입니다</translation>
    </message>
    <message>
        <source>Choose one of these: {methods}.</source>
        <translation>다음 가운데 하나를 고르세요: {methods}.</translation>
    </message>
    <message>
        <source>{name} runs on the CPU: on this GPU only built-in networks run.</source>
        <translation>{name}은(는) CPU에서 실행됩니다. 이 GPU에서는 내장 신경망만 실행됩니다.</translation>
    </message>
    <message>
        <source>{model} on {device} is computed with {precision}, not {wanted}.</source>
        <translation>{device}에서 {model}은(는) {wanted}이(가) 아니라 {precision}(으)로 계산됩니다.</translation>
    </message>
    <message>
        <source>Loading {name}…</source>
        <translation>{name} 불러오는 중…</translation>
    </message>
    <message>
        <source>{name} is an ONNX file, which runs on the CPU only.</source>
        <translation>{name}은(는) ONNX 파일이라 CPU에서만 실행됩니다.</translation>
    </message>
    <message>
        <source>Starting {name} on the GPU…</source>
        <translation>GPU에서 {name} 시작하는 중…</translation>
    </message>
    <message>
        <source>one pass, best at twice the usual resolution (448 pixels). It outlines the object and is no evidence: its mean is no score, and a map that knows no class outlines objects almost as well</source>
        <translation>한 번 통과, 보통 해상도의 두 배(448픽셀)에서 가장 좋음. 물체의 윤곽을 보여 줄 뿐 근거는 아님: 평균은 점수가 아니며, 클래스를 모르는 맵도 물체의 윤곽을 거의 그만큼 잘 그림</translation>
    </message>
    <message>
        <source>It needs a layer before the last that has twice as many rows and columns, which this network doesn&apos;t have.</source>
        <translation>마지막 앞에 행과 열이 두 배인 층이 있어야 하는데, 이 신경망에는 없습니다.</translation>
    </message>
    <message>
        <source>{method} looks at one layer only: {layer}.</source>
        <translation>{method} 방법은 {layer} 층만 봅니다.</translation>
    </message>
    <message>
        <source>Leave out the layer, or choose another method.</source>
        <translation>층을 빼거나 다른 방법을 고르세요.</translation>
    </message>
    <message>
        <source>{model} can&apos;t be run on a changed input, which is needed here.</source>
        <translation>{model}은(는) 바뀐 입력으로 계산할 수 없는데, 여기서는 그것이 필요합니다.</translation>
    </message>
    <message>
        <source>Maps by {method} can&apos;t be tested so: those of CAM and Object extent follow from a linear head, whose weights are shuffled.</source>
        <translation>{method}의 맵은 이렇게 검사할 수 없습니다. CAM과 Object extent의 맵만 가중치를 섞는 선형 헤드에서 나옵니다.</translation>
    </message>
    <message>
        <source>Choose one of these methods, if the model has them.</source>
        <translation>모델에 있다면 이 방법 중 하나를 고르세요.</translation>
    </message>
    <message>
        <source>Another model explained this.</source>
        <translation>다른 모델이 설명한 것입니다.</translation>
    </message>
    <message>
        <source>Open the frame again with this model.</source>
        <translation>이 모델로 프레임을 다시 여세요.</translation>
    </message>
    <message>
        <source>My classes ({backbone})</source>
        <translation>내 클래스 ({backbone})</translation>
    </message>
    <message>
        <source>Only the map of a class can be measured, not that of a difference or of a channel.</source>
        <translation>클래스의 맵만 측정할 수 있습니다. 차이나 채널의 맵은 측정할 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose a class.</source>
        <translation>클래스를 고르세요.</translation>
    </message>
    <message>
        <source>The probability of {label} is below {least} %: too small to measure what it depends on.</source>
        <translation>{label}의 확률이 {least} %보다 낮아 무엇에 달려 있는지 측정할 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose a more probable class.</source>
        <translation>확률이 더 높은 클래스를 고르세요.</translation>
    </message>
    <message>
        <source>What the network saw isn&apos;t kept here, so the map can&apos;t be measured.</source>
        <translation>신경망이 본 것이 저장되어 있지 않아 맵을 측정할 수 없습니다.</translation>
    </message>
    <message>
        <source>Open the photo itself.</source>
        <translation>사진 자체를 여세요.</translation>
    </message>
    <message>
        <source>There is no map of {label} to measure.</source>
        <translation>측정할 {label}의 맵이 없습니다.</translation>
    </message>
    <message>
        <source>The map stays much the same when the weights of the head are shuffled: its ranks still correlate {mean} ± {spread} with those before. It hardly shows what was learnt of this class.</source>
        <translation>헤드의 가중치를 섞어도 맵이 거의 그대로입니다. 이전과의 순위 상관은 {mean} ± {spread}입니다. 이 클래스에 대해 배운 것을 거의 보여 주지 않습니다.</translation>
    </message>
    <message>
        <source>The map changes when the weights of the head are shuffled, as it should: its ranks then correlate {mean} ± {spread} with those before.</source>
        <translation>헤드의 가중치를 섞으면 맵이 마땅히 바뀝니다. 이전과의 순위 상관은 {mean} ± {spread}입니다.</translation>
    </message>
    <message>
        <source>For {label}, this map can&apos;t be told from random maps: its gain is {gain}, and theirs are within {reach}.</source>
        <translation>{label}에 대해 이 맵은 무작위 맵과 구별되지 않습니다. 이득은 {gain}이고 무작위 맵은 {reach} 이내입니다.</translation>
    </message>
    <message>
        <source>The probability of {label} depends on the places that this map shows: its gain is {gain}, and random maps stay within {reach}.</source>
        <translation>{label}의 확률은 이 맵이 가리키는 곳에 달려 있습니다. 이득은 {gain}이고 무작위 맵은 {reach} 이내입니다.</translation>
    </message>
    <message>
        <source>The probability of {label} depends on other places than those that this map shows: its gain is {gain}, and random maps stay within {reach}.</source>
        <translation>{label}의 확률은 이 맵이 가리키는 곳이 아닌 다른 곳에 달려 있습니다. 이득은 {gain}이고 무작위 맵은 {reach} 이내입니다.</translation>
    </message>
    <message>
        <source>{name} is no lesson yet: {faults}.</source>
        <translation>{name}은(는) 아직 수업이 아닙니다: {faults}.</translation>
    </message>
    <message>
        <source>docs/lessons.md tells how.</source>
        <translation>쓰는 법은 docs/lessons.md에 있습니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be read as a lesson.</source>
        <translation>{name}을(를) 수업으로 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>It must be a text file in UTF-8.</source>
        <translation>UTF-8 텍스트 파일이어야 합니다.</translation>
    </message>
    <message>
        <source>one pass for each place of the patch, {places} by default</source>
        <translation>조각의 위치마다 한 번 통과, 기본 {places}번</translation>
    </message>
    <message>
        <source>{method} covers parts of the input, and looks at no layer.</source>
        <translation>{method}은(는) 입력의 일부를 가리며, 어떤 층도 보지 않습니다.</translation>
    </message>
    <message>
        <source>{name} is incomplete or damaged.</source>
        <translation>{name} 파일이 불완전하거나 손상되었습니다.</translation>
    </message>
    <message>
        <source>Download or copy it again.</source>
        <translation>다시 내려받거나 복사하세요.</translation>
    </message>
    <message>
        <source>Say the size that it was trained with in {card} beside it: {line}</source>
        <translation>학습할 때의 크기를 파일 옆의 {card}에 적으세요: {line}</translation>
    </message>
    <message>
        <source>The network gives one score, and a softmax needs one for each class.</source>
        <translation>이 네트워크는 점수를 하나만 내는데, 소프트맥스에는 클래스마다 하나씩 필요합니다.</translation>
    </message>
    <message>
        <source>Leave the probabilities at sigmoid.</source>
        <translation>확률은 시그모이드로 두세요.</translation>
    </message>
    <message>
        <source>{name} is no model card: it is no JSON object.</source>
        <translation>{name}은(는) 모델 카드가 아닙니다. JSON 객체가 아닙니다.</translation>
    </message>
    <message>
        <source>std is not above 0.</source>
        <translation>std가 0보다 크지 않습니다.</translation>
    </message>
    <message>
        <source>Give what the pixels in 0..1 are divided by.</source>
        <translation>0..1인 픽셀 값을 나눌 수를 주세요.</translation>
    </message>
    <message>
        <source>The network has no blue channel.</source>
        <translation>이 신경망에는 파랑 채널이 없습니다.</translation>
    </message>
    <message>
        <source>Leave the order of the channels as it is.</source>
        <translation>채널 순서를 그대로 두세요.</translation>
    </message>
    <message>
        <source>The network doesn&apos;t take {crop} pixels.</source>
        <translation>이 신경망은 {crop} 픽셀을 받지 않습니다.</translation>
    </message>
    <message>
        <source>The crop of {crop} pixels is larger than the {resize} pixels that a frame is resized to.</source>
        <translation>자르는 크기 {crop} 픽셀이 프레임을 줄인 크기 {resize} 픽셀보다 큽니다.</translation>
    </message>
    <message>
        <source>Make the crop smaller, or resize larger.</source>
        <translation>더 작게 자르거나 더 크게 줄이세요.</translation>
    </message>
    <message>
        <source>{name} says {keys}, which no model card has.</source>
        <translation>{name}에 모델 카드에 없는 항목이 있습니다: {keys}.</translation>
    </message>
    <message>
        <source>It may say {known}.</source>
        <translation>쓸 수 있는 항목: {known}.</translation>
    </message>
    <message>
        <source>{name} is of a newer form of model cards.</source>
        <translation>{name}은(는) 더 새로운 형식의 모델 카드입니다.</translation>
    </message>
    <message>
        <source>Use a newer camviewer.</source>
        <translation>더 새로운 camviewer를 쓰세요.</translation>
    </message>
    <message>
        <source>an object with library and name</source>
        <translation>library와 name이 있는 객체</translation>
    </message>
    <message>
        <source>a number of pixels</source>
        <translation>픽셀 수</translation>
    </message>
    <message>
        <source>bilinear or bicubic</source>
        <translation>bilinear 또는 bicubic</translation>
    </message>
    <message>
        <source>a list of numbers</source>
        <translation>수의 목록</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 또는 false</translation>
    </message>
    <message>
        <source>a list of labels</source>
        <translation>레이블 목록</translation>
    </message>
    <message>
        <source>softmax or sigmoid</source>
        <translation>softmax 또는 sigmoid</translation>
    </message>
    <message>
        <source>The model card {path} can&apos;t be read ({reason}).</source>
        <translation>모델 카드 {path}을(를) 읽을 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>{path} can&apos;t be deleted ({reason}).</source>
        <translation>{path}을(를) 지울 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Delete it yourself.</source>
        <translation>직접 지우세요.</translation>
    </message>
    <message>
        <source>{name} is not one number for each of the network&apos;s {channels} channels.</source>
        <translation>{name}은(는) 신경망의 채널 {channels}개마다 수 하나가 아닙니다.</translation>
    </message>
    <message>
        <source>Give as many as the network has channels.</source>
        <translation>채널 수만큼 주세요.</translation>
    </message>
    <message>
        <source>The card</source>
        <translation>카드</translation>
    </message>
    <message>
        <source>It takes {size} only.</source>
        <translation>{size}만 받습니다.</translation>
    </message>
    <message>
        <source>Give a multiple of {stride} between {smallest} and {largest}.</source>
        <translation>{smallest}에서 {largest} 사이의 {stride}의 배수를 주세요.</translation>
    </message>
    <message>
        <source>In {name}, {key} is not {wanted}.</source>
        <translation>{name}에서 {key}의 값이 올바르지 않습니다. 필요한 것: {wanted}.</translation>
    </message>
    <message>
        <source>{name} holds arrays of numpy, not a model.</source>
        <translation>{name}에는 모델이 아니라 numpy 배열이 들어 있습니다.</translation>
    </message>
    <message>
        <source>Save a state dict with torch, and open that file: {line}</source>
        <translation>torch로 상태 사전을 저장한 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>{name} is a model of Keras.</source>
        <translation>{name}은(는) Keras 모델입니다.</translation>
    </message>
    <message>
        <source>Convert it to ONNX, and open that file: {line}</source>
        <translation>ONNX로 변환한 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>{name} is a SavedModel of TensorFlow: a program.</source>
        <translation>{name}은(는) TensorFlow의 SavedModel입니다. 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>{name} is a program of torch.export.</source>
        <translation>{name}은(는) torch.export로 만든 프로그램입니다.</translation>
    </message>
    <message>
        <source>Save its weights alone, and open that file: {line}</source>
        <translation>가중치만 저장한 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>a zip archive</source>
        <translation>ZIP 압축 파일</translation>
    </message>
    <message>
        <source>Unpack it, and open the model file inside.</source>
        <translation>압축을 풀고 그 안의 모델 파일을 여세요.</translation>
    </message>
    <message>
        <source>{name} is a model of TensorFlow Lite.</source>
        <translation>{name}은(는) TensorFlow Lite 모델입니다.</translation>
    </message>
    <message>
        <source>{name} is {what}, not a model file.</source>
        <translation>{name}은(는) 모델 파일이 아니라 {what}입니다.</translation>
    </message>
    <message>
        <source>The weights in {name} are in several files.</source>
        <translation>{name}의 가중치가 여러 파일로 나뉘어 있습니다.</translation>
    </message>
    <message>
        <source>Save them in one, and open that folder: {line}</source>
        <translation>파일 하나로 저장한 다음 그 폴더를 여세요: {line}</translation>
    </message>
    <message>
        <source>{name} is a folder without a model.</source>
        <translation>{name} 폴더에 모델이 없습니다.</translation>
    </message>
    <message>
        <source>Choose a model file.</source>
        <translation>모델 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{name} is a folder with several model files ({files}).</source>
        <translation>{name} 폴더에 모델 파일이 여럿 있습니다({files}).</translation>
    </message>
    <message>
        <source>Choose one of them.</source>
        <translation>그중 하나를 고르세요.</translation>
    </message>
    <message>
        <source>The model file {path} is not a file.</source>
        <translation>모델 파일 {path}은(는) 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>The model file {path} doesn&apos;t exist.</source>
        <translation>모델 파일 {path}이(가) 없습니다.</translation>
    </message>
    <message>
        <source>{name} is a pickle of Python objects: a program, which opening would run.</source>
        <translation>{name}은(는) Python 객체를 저장한 pickle 파일입니다. 열면 실행되는 프로그램이라서 열지 않습니다.</translation>
    </message>
    <message>
        <source>Save the weights alone where it was made, and open that file: {line}</source>
        <translation>이 파일을 만든 곳에서 가중치만 저장한 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>an empty file</source>
        <translation>빈 파일</translation>
    </message>
    <message>
        <source>Download or save it again.</source>
        <translation>다시 내려받거나 다시 저장하세요.</translation>
    </message>
    <message>
        <source>an image or a video</source>
        <translation>이미지 또는 동영상</translation>
    </message>
    <message>
        <source>Open a model file here.</source>
        <translation>여기서는 모델 파일을 여세요.</translation>
    </message>
    <message>
        <source>an archive</source>
        <translation>압축 파일</translation>
    </message>
    <message>
        <source>a pointer of Git LFS</source>
        <translation>Git LFS 포인터</translation>
    </message>
    <message>
        <source>Fetch the file itself: git lfs pull</source>
        <translation>실제 파일을 받으세요: git lfs pull</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>웹 페이지</translation>
    </message>
    <message>
        <source>Download the file itself.</source>
        <translation>파일 자체를 내려받으세요.</translation>
    </message>
    <message>
        <source>a JSON file</source>
        <translation>JSON 파일</translation>
    </message>
    <message>
        <source>Open the weights beside it, or the folder.</source>
        <translation>옆에 있는 가중치 파일이나 폴더를 여세요.</translation>
    </message>
    <message>
        <source>{path} is damaged, or not a description of a model.</source>
        <translation>{path} 파일이 손상되었거나 모델 설명 파일이 아닙니다.</translation>
    </message>
    <message>
        <source>Mend it, or move the weights into a folder of their own.</source>
        <translation>그 파일을 고치거나, 가중치만 다른 폴더로 옮기세요.</translation>
    </message>
    <message>
        <source>{name} is {there}, not {wanted}</source>
        <translation>{name}은(는) {wanted}이(가) 아니라 {there}</translation>
    </message>
    <message>
        <source>{count} {what}: {names} and {more} more</source>
        <translation>{count} {what}: {names} 외 {more}개</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>개 없음</translation>
    </message>
    <message>
        <source>of another shape</source>
        <translation>개는 모양이 다름</translation>
    </message>
    <message>
        <source>not of this network</source>
        <translation>개는 이 신경망의 것이 아님</translation>
    </message>
    <message>
        <source>{source} in the file is taken for {place}.</source>
        <translation>파일의 {source}을(를) {place}(으)로 봅니다.</translation>
    </message>
    <message>
        <source>Between the linear layers of {source}, ReLU is assumed: no tensor says so.</source>
        <translation>{source}의 선형층 사이에는 ReLU가 있다고 가정합니다. 텐서에는 적혀 있지 않습니다.</translation>
    </message>
    <message>
        <source>The norms of {source} are assumed to add 1e-5 to the variance.</source>
        <translation>{source}의 정규화는 분산에 1e-5를 더한다고 가정합니다.</translation>
    </message>
    <message>
        <source>Give one label a line, in class order, as UTF-8 text.</source>
        <translation>클래스 순서대로 한 줄에 레이블을 하나씩, UTF-8 텍스트로 주세요.</translation>
    </message>
    <message>
        <source>Number the labels 0, 1, 2, … in class order.</source>
        <translation>레이블에 클래스 순서대로 0, 1, 2, …번을 매기세요.</translation>
    </message>
    <message>
        <source>{name} numbers {count} labels from {first} to {last}, not from 0 to {right}.</source>
        <translation>{name}은(는) 레이블 {count}개에 0부터 {right}까지가 아니라 {first}부터 {last}까지 번호를 매겼습니다.</translation>
    </message>
    <message>
        <source>{name} holds no folders.</source>
        <translation>{name} 안에 폴더가 없습니다.</translation>
    </message>
    <message>
        <source>Choose a folder with one folder a class, or a file.</source>
        <translation>클래스마다 폴더 하나가 있는 폴더나 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{name} holds no labels.</source>
        <translation>{name}에 레이블이 없습니다.</translation>
    </message>
    <message>
        <source>In {name} some labels have no number of their own.</source>
        <translation>{name}에 자기 번호가 없는 레이블이 있습니다.</translation>
    </message>
    <message>
        <source>In {name} the rows have different numbers of columns.</source>
        <translation>{name}의 줄마다 열 수가 다릅니다.</translation>
    </message>
    <message>
        <source>Put labels that hold a comma in double quotes.</source>
        <translation>쉼표가 들어 있는 레이블은 큰따옴표로 묶으세요.</translation>
    </message>
    <message>
        <source>In {name} no column is called label.</source>
        <translation>{name}에 label이라는 열이 없습니다.</translation>
    </message>
    <message>
        <source>Give two columns: id and label.</source>
        <translation>id와 label, 두 열을 주세요.</translation>
    </message>
    <message>
        <source>{name} is no YAML that can be read.</source>
        <translation>{name}은(는) 읽을 수 있는 YAML이 아닙니다.</translation>
    </message>
    <message>
        <source>{name} is no CSV that can be read.</source>
        <translation>{name}은(는) 읽을 수 있는 CSV가 아닙니다.</translation>
    </message>
    <message>
        <source>{name} is no JSON that can be read.</source>
        <translation>{name}은(는) 읽을 수 있는 JSON이 아닙니다.</translation>
    </message>
    <message>
        <source>The list</source>
        <translation>목록</translation>
    </message>
    <message>
        <source>Correct the architecture in config.json or in the card beside the file.</source>
        <translation>config.json이나 파일 옆의 카드에서 구조를 고치세요.</translation>
    </message>
    <message>
        <source>The functions in {name} call each other without end, or too often.</source>
        <translation>{name}의 함수들이 서로를 끝없이, 또는 너무 많이 부릅니다.</translation>
    </message>
    <message>
        <source>Export the model without functions of its own.</source>
        <translation>자체 함수 없이 모델을 내보내세요.</translation>
    </message>
    <message>
        <source>Export it to ONNX where fastai is installed, and open that file: {line}</source>
        <translation>fastai가 설치된 곳에서 ONNX로 내보낸 다음 그 파일을 여세요: {line}</translation>
    </message>
    <message>
        <source>The network that most others are compared with: exact maps, 2,048 channels.</source>
        <translation>다른 신경망을 비교하는 기준. 맵이 정확하고 채널이 2,048개입니다.</translation>
    </message>
    <message>
        <source>Small and fast. Its head has two layers: see what share of the score its maps leave out.</source>
        <translation>작고 빠릅니다. 머리에 층이 둘이라, 점수에서 얼마가 맵에 빠지는지 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>More accurate than ResNet18 with half its weights, and its maps are exact, too.</source>
        <translation>가중치가 ResNet18의 절반인데 더 정확하고, 맵도 정확합니다.</translation>
    </message>
    <message>
        <source>It normalises after pooling: with that one number held, its maps are exact.</source>
        <translation>풀링 뒤에 정규화합니다. 그 수 하나를 고정하면 맵이 정확합니다.</translation>
    </message>
    <message>
        <source>A transformer that looks through windows, and pools as a convolutional network does: exact.</source>
        <translation>창으로 나누어 보는 트랜스포머. 합성곱 신경망처럼 풀링하므로 맵이 정확합니다.</translation>
    </message>
    <message>
        <source>It decides by its class token: see how much of the score its patches give, and its attention.</source>
        <translation>클래스 토큰으로 판단합니다. 점수에서 패치가 차지하는 몫과 어텐션을 보세요.</translation>
    </message>
    <message>
        <source>Every layer sees all before it. Its maps are exact; medical images are often read with it.</source>
        <translation>층마다 앞의 모든 층을 봅니다. 맵이 정확하고, 의료 영상에 자주 쓰입니다.</translation>
    </message>
    <message>
        <source>It flattens its features; see what that costs.</source>
        <translation>특징을 한 줄로 펼칩니다. 그 대가를 보세요.</translation>
    </message>
    <message>
        <source>Where it began, in 2012: flattened features, and cells of which each sees a large patch.</source>
        <translation>2012년, 모든 것의 시작. 특징을 펼치고, 칸마다 넓은 영역을 봅니다.</translation>
    </message>
    <message>
        <source>5 MB. Its maps are what its last convolution gives: there is no linear layer at all.</source>
        <translation>5 MB. 마지막 합성곱의 출력이 곧 맵입니다. 선형층이 아예 없습니다.</translation>
    </message>
    <message>
        <source>A linear head of {classes} classes, taught with {examples} examples on {backbone}. Cross-validated accuracy: {accuracy} % (95 % interval {low}–{high} %).</source>
        <translation>{backbone} 위에서 예시 {examples}개로 가르친, 클래스 {classes}개의 선형 헤드입니다. 교차 검증 정확도: {accuracy} % (95 % 구간 {low}–{high} %).</translation>
    </message>
    <message>
        <source>A linear head of {classes} classes, taught with {examples} examples on {backbone}. Its accuracy was not measured.</source>
        <translation>{backbone} 위에서 예시 {examples}개로 가르친, 클래스 {classes}개의 선형 헤드입니다. 정확도는 재지 않았습니다.</translation>
    </message>
    <message>
        <source>{name} was saved by another version of camviewer.</source>
        <translation>{name}은(는) 다른 버전의 camviewer가 저장했습니다.</translation>
    </message>
    <message>
        <source>Save it anew.</source>
        <translation>새로 저장하세요.</translation>
    </message>
    <message>
        <source>{name} is damaged: it is no head of one&apos;s own classes.</source>
        <translation>{name}이(가) 손상되었습니다. 내 클래스의 헤드가 아닙니다.</translation>
    </message>
    <message>
        <source>Save it again where it was taught.</source>
        <translation>가르친 곳에서 다시 저장하세요.</translation>
    </message>
    <message>
        <source>{name} ({architecture}) needs the full edition of camviewer, with PyTorch.</source>
        <translation>{name}({architecture})에는 PyTorch가 있는 camviewer 전체판이 필요합니다.</translation>
    </message>
    <message>
        <source>Or export the network to ONNX, and open that file.</source>
        <translation>또는 신경망을 ONNX로 내보내 그 파일을 여세요.</translation>
    </message>
    <message>
        <source>{name} belongs to {title}, whose file {file} isn&apos;t known here.</source>
        <translation>{name}은(는) {title}에 속하는데, 그 파일 {file}을(를) 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Put that file beside it. Its SHA-256 begins with {sha256}.</source>
        <translation>그 파일을 옆에 두세요. SHA-256이 {sha256}(으)로 시작합니다.</translation>
    </message>
    <message>
        <source>Give rows of {columns}.</source>
        <translation>{columns} 행으로 쓰세요.</translation>
    </message>
    <message>
        <source>There are no photos of {file} in {folder}.</source>
        <translation>{folder}에 {file}의 사진이 없습니다.</translation>
    </message>
    <message>
        <source>Give the folder that its paths begin in.</source>
        <translation>경로가 시작되는 폴더를 지정하세요.</translation>
    </message>
    <message>
        <source>Add a row for it: its path, a comma, its class&apos;s number.</source>
        <translation>그 사진의 행을 추가하세요: 경로, 쉼표, 클래스 번호.</translation>
    </message>
    <message>
        <source>{file} has no class for {name}.</source>
        <translation>{file}에 {name}의 클래스가 없습니다.</translation>
    </message>
    <message>
        <source>{name}: class {class_id} is not among 0..{last}.</source>
        <translation>{name}: 클래스 {class_id}은(는) 0..{last}에 없습니다.</translation>
    </message>
    <message>
        <source>Give the numbers that this model&apos;s classes have.</source>
        <translation>이 모델의 클래스 번호를 지정하세요.</translation>
    </message>
    <message>
        <source>{file} can&apos;t be read ({reason}).</source>
        <translation>{file}을(를) 읽을 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>{file}: {row} has not {count} fields.</source>
        <translation>{file}: {row}의 항목이 {count}개가 아닙니다.</translation>
    </message>
    <message>
        <source>{model} has no maps that can be measured.</source>
        <translation>{model}에는 측정할 수 있는 맵이 없습니다.</translation>
    </message>
    <message>
        <source>{name} is something else than a table of corrected labels.</source>
        <translation>{name}은(는) 고친 레이블의 표가 아닙니다.</translation>
    </message>
    <message>
        <source>{name} has labels that this network doesn&apos;t know, such as {label}.</source>
        <translation>{name}에는 {label} 등 이 신경망이 모르는 레이블이 있습니다.</translation>
    </message>
    <message>
        <source>1 label is from {name}.</source>
        <translation>레이블 1개는 {name}에서 왔습니다.</translation>
    </message>
    <message>
        <source>{count} labels are from {name}.</source>
        <translation>레이블 {count}개는 {name}에서 왔습니다.</translation>
    </message>
    <message>
        <source>corrected labels</source>
        <translation>고친 레이블</translation>
    </message>
    <message>
        <source>the process that read it has ended; the photo may be damaged, or too large for the memory</source>
        <translation>사진을 읽던 프로세스가 종료되었습니다. 사진이 손상되었거나 메모리에 비해 너무 클 수 있습니다</translation>
    </message>
    <message>
        <source>Or use the CPU.</source>
        <translation>아니면 CPU를 쓰세요.</translation>
    </message>
    <message>
        <source>{name} isn&apos;t there any more.</source>
        <translation>{name}이(가) 더 이상 없습니다.</translation>
    </message>
    <message>
        <source>The network&apos;s classes have no names: the folders&apos; numbers are taken for class ids, from 0.</source>
        <translation>네트워크의 클래스에 이름이 없어, 폴더의 숫자를 0부터 시작하는 클래스 번호로 보았습니다.</translation>
    </message>
    <message>
        <source>The network&apos;s classes have no names, so the folders are taken for them in the order of their names, as torchvision&apos;s ImageFolder numbers them: {pairs}.</source>
        <translation>네트워크의 클래스에 이름이 없어, torchvision의 ImageFolder처럼 폴더 이름 순서대로 클래스로 보았습니다: {pairs}.</translation>
    </message>
    <message>
        <source>{device} computes wrongly: features are off by {percent} %. The CPU is used.</source>
        <translation>{device}의 계산이 틀립니다. 특징값이 {percent} % 다릅니다. CPU를 씁니다.</translation>
    </message>
    <message>
        <source>{device} is slower than the CPU ({gpu} against {cpu} ms a frame), which is used instead.</source>
        <translation>{device}은(는) CPU보다 느려서(프레임당 {gpu} ms, CPU는 {cpu} ms) CPU를 씁니다.</translation>
    </message>
    <message>
        <source>{device} computes wrongly; the CPU is used.</source>
        <translation>{device}의 계산이 틀려서 CPU를 씁니다.</translation>
    </message>
    <message>
        <source>Use auto, cpu, gpu, cuda, cuda:1, mps or a part of a GPU&apos;s name.</source>
        <translation>auto, cpu, gpu, cuda, cuda:1, mps 또는 GPU 이름의 일부를 쓰세요.</translation>
    </message>
    <message>
        <source>Use auto or one of these: {devices}.</source>
        <translation>auto나 다음 중 하나를 쓰세요: {devices}.</translation>
    </message>
    <message>
        <source>{name!r} may be several devices.</source>
        <translation>{name!r}에 맞는 장치가 여럿입니다.</translation>
    </message>
    <message>
        <source>Use one of these: {devices}.</source>
        <translation>다음 중 하나를 쓰세요: {devices}.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; CUDA_VISIBLE_DEVICES hides all GPUs: unset it.</source>
        <translation>{device}을(를) 쓸 수 없습니다. CUDA_VISIBLE_DEVICES가 모든 GPU를 숨기니 이 변수를 지우세요.</translation>
    </message>
    <message>
        <source>{device} has too little free memory; close other programs that use it.</source>
        <translation>{device}에 남은 메모리가 부족합니다. 이 장치를 쓰는 다른 프로그램을 닫으세요.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; its driver is too old: update it.</source>
        <translation>{device}을(를) 쓸 수 없습니다. 드라이버가 너무 오래되었으니 업데이트하세요.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; there is no NVIDIA driver: install one, if there is an NVIDIA GPU.</source>
        <translation>{device}을(를) 쓸 수 없습니다. NVIDIA 드라이버가 없으니 NVIDIA GPU가 있다면 설치하세요.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; no GPU answers: restart the computer, or look for it in its settings.</source>
        <translation>{device}을(를) 쓸 수 없습니다. 응답하는 GPU가 없으니 컴퓨터를 다시 시작하거나 설정에서 확인하세요.</translation>
    </message>
    <message>
        <source>{device} is too old or too new for this PyTorch; install another version of it.</source>
        <translation>{device}은(는) 이 PyTorch에 너무 오래되었거나 너무 새롭습니다. 다른 버전의 PyTorch를 설치하세요.</translation>
    </message>
    <message>
        <source>There is no {device}; choose another device.</source>
        <translation>{device} 장치가 없습니다. 다른 장치를 고르세요.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; this PyTorch is made without it: install one that has it.</source>
        <translation>{device}을(를) 쓸 수 없습니다. 이 PyTorch는 지원하지 않으니 지원하는 것을 설치하세요.</translation>
    </message>
    <message>
        <source>{device} can&apos;t be used; its driver was changed: restart the computer.</source>
        <translation>{device}을(를) 쓸 수 없습니다. 드라이버가 바뀌었으니 컴퓨터를 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{device} is not free; another program has it for itself, or it has not started yet.</source>
        <translation>{device}을(를) 지금 쓸 수 없습니다. 다른 프로그램이 혼자 쓰고 있거나 아직 준비되지 않았습니다.</translation>
    </message>
    <message>
        <source>{device} doesn&apos;t answer; restart the computer.</source>
        <translation>{device}이(가) 응답하지 않습니다. 컴퓨터를 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{device} has crashed; start camviewer again to use it.</source>
        <translation>{device}에 오류가 났습니다. 다시 쓰려면 camviewer를 다시 시작하세요.</translation>
    </message>
    <message>
        <source>Install it: pip install camviewer[torch].</source>
        <translation>설치하세요: pip install camviewer[torch].</translation>
    </message>
    <message>
        <source>Download camviewer in the full edition (its file&apos;s name has cuda or metal in it).</source>
        <translation>camviewer 전체판을 내려받으세요(파일 이름에 cuda 또는 metal이 있습니다).</translation>
    </message>
    <message>
        <source>{name} needs the full edition of camviewer, with PyTorch.</source>
        <translation>{name}에는 PyTorch가 있는 camviewer 전체판이 필요합니다.</translation>
    </message>
    <message>
        <source>It needs the full edition of camviewer, with PyTorch, for gradients.</source>
        <translation>기울기를 구하려면 PyTorch가 있는 camviewer 전체판이 필요합니다.</translation>
    </message>
    <message>
        <source>It needs gradients, which are of the network&apos;s own classes, not of yours.</source>
        <translation>기울기가 필요한데, 기울기는 신경망 자신의 클래스에 대한 것입니다.</translation>
    </message>
    <message>
        <source>{layer} is not followed by pooling and one linear layer, so this network can&apos;t be taught.</source>
        <translation>{layer} 뒤에 풀링과 선형 층 하나가 오지 않아 이 신경망은 가르칠 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose another model.</source>
        <translation>다른 모델을 고르세요.</translation>
    </message>
    <message>
        <source>The head is of {given} features, but this network has {channels}.</source>
        <translation>헤드는 특징 {given}개용인데 이 신경망은 {channels}개입니다.</translation>
    </message>
    <message>
        <source>Choose the network that it was taught with.</source>
        <translation>가르칠 때 쓴 신경망을 고르세요.</translation>
    </message>
    <message>
        <source>As exact as on the CPU, to the fifth digit. For comparing numbers.</source>
        <translation>CPU만큼 정확합니다(다섯째 자리까지). 수를 비교할 때 쓰세요.</translation>
    </message>
    <message>
        <source>Numbers are rounded to three digits before they are multiplied. Twice as fast on NVIDIA&apos;s GPUs, and usual there. On our test photos probabilities moved by 0.2 % at most.</source>
        <translation>곱하기 전에 수를 세 자리로 반올림합니다. NVIDIA GPU에서 두 배 빠르고, 거기서 기본값입니다. 시험 사진에서 확률은 최대 0.2 % 달라졌습니다.</translation>
    </message>
    <message>
        <source>All numbers have three digits. On most GPUs the fastest. On our test photos probabilities moved by 0.2 % at most.</source>
        <translation>모든 수가 세 자리입니다. 대부분의 GPU에서 가장 빠릅니다. 시험 사진에서 확률은 최대 0.2 % 달라졌습니다.</translation>
    </message>
    <message>
        <source>All numbers have two to three digits. The fastest on processors that have it. On our test photos probabilities moved by 3 % at most.</source>
        <translation>모든 수가 두세 자리입니다. 이 기능이 있는 프로세서에서 가장 빠릅니다. 시험 사진에서 확률은 최대 3 % 달라졌습니다.</translation>
    </message>
    <message>
        <source>There is no precision {name!r}.</source>
        <translation>{name!r} 정밀도는 없습니다.</translation>
    </message>
    <message>
        <source>Use auto or cpu.</source>
        <translation>auto 또는 cpu를 쓰세요.</translation>
    </message>
    <message>
        <source>GPUs can&apos;t be used: onnxruntime-ep-webgpu is not installed.</source>
        <translation>GPU를 쓸 수 없습니다. onnxruntime-ep-webgpu가 설치되어 있지 않습니다.</translation>
    </message>
    <message>
        <source>GPUs can&apos;t be used: Vulkan is not installed. Install your GPU&apos;s driver, and libvulkan.so.1.</source>
        <translation>GPU를 쓸 수 없습니다. Vulkan이 설치되어 있지 않습니다. GPU 드라이버와 libvulkan.so.1을 설치하세요.</translation>
    </message>
    <message>
        <source>GPUs can&apos;t be used: none has a driver for Vulkan. Install or update your GPU&apos;s driver.</source>
        <translation>GPU를 쓸 수 없습니다. Vulkan 드라이버가 있는 GPU가 없습니다. GPU 드라이버를 설치하거나 업데이트하세요.</translation>
    </message>
    <message>
        <source>GPUs can&apos;t be used: the only driver for Vulkan, {name}, computes on the CPU.</source>
        <translation>GPU를 쓸 수 없습니다. 하나뿐인 Vulkan 드라이버({name})는 CPU로 계산합니다.</translation>
    </message>
    <message>
        <source>GPUs aren&apos;t used: their driver ended camviewer as it tried them. Update it, and start with --device gpu.</source>
        <translation>GPU를 쓰지 않습니다. 시험하던 중 드라이버 때문에 camviewer가 끝났습니다. 드라이버를 업데이트한 뒤 --device gpu로 시작하세요.</translation>
    </message>
    <message>
        <source>No GPU was found.</source>
        <translation>GPU를 찾지 못했습니다.</translation>
    </message>
    <message>
        <source>GPUs can&apos;t be used: {reason}</source>
        <translation>GPU를 쓸 수 없습니다: {reason}</translation>
    </message>
    <message>
        <source>its edit has too many points</source>
        <translation>편집에 점이 너무 많습니다</translation>
    </message>
    <message>
        <source>{name} can&apos;t be taken out of {folder} ({reason}).</source>
        <translation>{name}을(를) {folder}에서 꺼낼 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Copy it instead.</source>
        <translation>대신 복사하세요.</translation>
    </message>
    <message>
        <source>Is it still there?</source>
        <translation>아직 그곳에 있습니까?</translation>
    </message>
    <message>
        <source>Open a JPEG, PNG, WebP, AVIF, HEIC, BMP, TIFF or GIF.</source>
        <translation>JPEG, PNG, WebP, AVIF, HEIC, BMP, TIFF 또는 GIF를 여세요.</translation>
    </message>
    <message>
        <source>There are no photos in {names}, but 1 video.</source>
        <translation>{names}에 사진은 없고 동영상이 1개 있습니다.</translation>
    </message>
    <message>
        <source>There are no photos in {names}, but {count} videos.</source>
        <translation>{names}에 사진은 없고 동영상이 {count}개 있습니다.</translation>
    </message>
    <message>
        <source>Open a video by itself.</source>
        <translation>동영상을 따로 여세요.</translation>
    </message>
    <message>
        <source>no suffix</source>
        <translation>확장자 없음</translation>
    </message>
    <message>
        <source>1 file that may be a picture is left out, by its name ({names}).</source>
        <translation>이름으로 보아 그림일 수 있는 파일 1개를 제외했습니다({names}).</translation>
    </message>
    <message>
        <source>{count} files that may be pictures are left out, by their names ({names}).</source>
        <translation>이름으로 보아 그림일 수 있는 파일 {count}개를 제외했습니다({names}).</translation>
    </message>
    <message>
        <source>1 video is left out.</source>
        <translation>동영상 1개를 제외했습니다.</translation>
    </message>
    <message>
        <source>{count} videos are left out.</source>
        <translation>동영상 {count}개를 제외했습니다.</translation>
    </message>
    <message>
        <source>1 overlay that camviewer wrote is left out.</source>
        <translation>camviewer가 저장한 오버레이 1개를 제외했습니다.</translation>
    </message>
    <message>
        <source>{count} overlays that camviewer wrote are left out.</source>
        <translation>camviewer가 저장한 오버레이 {count}개를 제외했습니다.</translation>
    </message>
    <message>
        <source>1 file of a system or a program (a thumbnail, waste) is left out.</source>
        <translation>시스템이나 프로그램의 파일(축소판, 휴지통) 1개를 제외했습니다.</translation>
    </message>
    <message>
        <source>{count} files of systems or programs (thumbnails, waste) are left out.</source>
        <translation>시스템이나 프로그램의 파일(축소판, 휴지통) {count}개를 제외했습니다.</translation>
    </message>
    <message>
        <source>1 link to a folder that is listed already is left out.</source>
        <translation>이미 포함된 폴더를 가리키는 링크 1개를 제외했습니다.</translation>
    </message>
    <message>
        <source>{count} links to folders that are listed already are left out.</source>
        <translation>이미 포함된 폴더를 가리키는 링크 {count}개를 제외했습니다.</translation>
    </message>
    <message>
        <source>1 link leads nowhere.</source>
        <translation>끊어진 링크가 1개 있습니다.</translation>
    </message>
    <message>
        <source>{count} links lead nowhere.</source>
        <translation>끊어진 링크가 {count}개 있습니다.</translation>
    </message>
    <message>
        <source>1 folder can&apos;t be read: {names}.</source>
        <translation>폴더 1개를 읽을 수 없습니다: {names}.</translation>
    </message>
    <message>
        <source>{count} folders can&apos;t be read: {names}.</source>
        <translation>폴더 {count}개를 읽을 수 없습니다: {names}.</translation>
    </message>
    <message>
        <source>{name} is a TIFF of a kind that camviewer doesn&apos;t read ({reason}).</source>
        <translation>{name}은(는) camviewer가 읽지 못하는 종류의 TIFF입니다({reason}).</translation>
    </message>
    <message>
        <source>Save it with 8 or 16 bits, as RGB or grey, without compression or with Deflate.</source>
        <translation>8비트나 16비트의 RGB 또는 회색조로, 압축 없이 또는 Deflate 압축으로 저장하세요.</translation>
    </message>
    <message>
        <source>{name} has {count} bands, and doesn&apos;t say which are red, green and blue.</source>
        <translation>{name}에는 밴드가 {count}개 있지만 어느 것이 빨강, 초록, 파랑인지 적혀 있지 않습니다.</translation>
    </message>
    <message>
        <source>Save those three as an RGB image.</source>
        <translation>그 세 밴드를 RGB 이미지로 저장하세요.</translation>
    </message>
    <message>
        <source>Make it {most} megapixels or less.</source>
        <translation>{most}메가픽셀 이하로 줄이세요.</translation>
    </message>
    <message>
        <source>{most} has {many} examples, {least} only {few}. They count as much, but more of {least} would help.</source>
        <translation>{most}의 예시는 {many}개, {least}은(는) {few}개뿐입니다. 비중은 같지만 {least}이(가) 더 있으면 좋습니다.</translation>
    </message>
    <message>
        <source>All examples of {name} are of one moment, so the accuracy says little. Show it again, elsewhere and in another light.</source>
        <translation>{name}의 예시가 모두 한 순간의 것이라 정확도를 믿기 어렵습니다. 다른 곳, 다른 빛에서 다시 보여 주세요.</translation>
    </message>
    <message>
        <source>With the middle of the picture covered, {first} and {second} are still told apart in {share} % of cases. If what you show is in the middle, it looks at your background: show both before the same background, or before many.</source>
        <translation>그림 가운데를 가려도 {share} %의 경우에 {first}와(과) {second}을(를) 구별합니다. 보여 주는 것이 가운데에 있다면 모델은 배경을 보는 것입니다. 둘을 같은 배경이나 여러 배경 앞에서 보여 주세요.</translation>
    </message>
    <message>
        <source>{name} has only 1 example. Show it more often: {least} or more.</source>
        <translation>{name}의 예시가 1개뿐입니다. {least}개 이상 보여 주세요.</translation>
    </message>
    <message>
        <source>{name} has only {count} examples. Show it more often: {least} or more.</source>
        <translation>{name}의 예시가 {count}개뿐입니다. {least}개 이상 보여 주세요.</translation>
    </message>
    <message>
        <source>{name} is no name of an export.</source>
        <translation>{name}은(는) 내보내기 이름이 아닙니다.</translation>
    </message>
    <message>
        <source>End it with .pth for torch, or with .onnx.</source>
        <translation>이름을 .pth(torch) 또는 .onnx로 끝내세요.</translation>
    </message>
    <message>
        <source>The weights of {title} are in no file that can be exported again.</source>
        <translation>{title}의 가중치는 다시 내보낼 수 있는 파일에 없습니다.</translation>
    </message>
    <message>
        <source>Save the head as a model file instead.</source>
        <translation>대신 헤드를 모델 파일로 저장하세요.</translation>
    </message>
    <message>
        <source>The last layer of {title} isn&apos;t one that can be replaced in its file.</source>
        <translation>{title}의 마지막 층은 파일에서 바꿀 수 없습니다.</translation>
    </message>
    <message>
        <source>A file for torch needs the full edition of camviewer, with PyTorch.</source>
        <translation>torch 파일에는 PyTorch가 있는 camviewer 전체판이 필요합니다.</translation>
    </message>
    <message>
        <source>Export to .onnx, or save the head as a model file.</source>
        <translation>.onnx로 내보내거나 헤드를 모델 파일로 저장하세요.</translation>
    </message>
    <message>
        <source>{title} can&apos;t be written as ONNX: only built-in networks can.</source>
        <translation>{title}은(는) ONNX로 쓸 수 없습니다. 내장 신경망만 됩니다.</translation>
    </message>
    <message>
        <source>Export it to .pth, or save the head as a model file.</source>
        <translation>.pth로 내보내거나 헤드를 모델 파일로 저장하세요.</translation>
    </message>
    <message>
        <source>An example is damaged.</source>
        <translation>예시가 손상되었습니다.</translation>
    </message>
    <message>
        <source>Remove it.</source>
        <translation>그 예시를 빼세요.</translation>
    </message>
    <message>
        <source>The examples of your classes in {folder} can&apos;t be read.</source>
        <translation>{folder}에 있는 내 클래스의 예시를 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>편집됨</translation>
    </message>
    <message>
        <source>Nothing is kept yet.</source>
        <translation>아직 보관된 것이 없습니다.</translation>
    </message>
    <message>
        <source>Wait until a picture of the camera is in view.</source>
        <translation>카메라 그림이 보일 때까지 기다리세요.</translation>
    </message>
    <message>
        <source>Another model was chosen, so this was stopped.</source>
        <translation>다른 모델을 골라서 멈췄습니다.</translation>
    </message>
    <message>
        <source>camviewer goes on with the CPU.</source>
        <translation>CPU로 계속합니다.</translation>
    </message>
    <message>
        <source>There is no camera “{wanted}”.</source>
        <translation>“{wanted}” 카메라가 없습니다.</translation>
    </message>
    <message>
        <source>There is no camera.</source>
        <translation>카메라가 없습니다.</translation>
    </message>
    <message>
        <source>There are: {names}.</source>
        <translation>있는 카메라: {names}.</translation>
    </message>
    <message>
        <source>Plug one in, or open a photo.</source>
        <translation>카메라를 연결하거나 사진을 여세요.</translation>
    </message>
    <message>
        <source>{camera} was unplugged.</source>
        <translation>{camera} 카메라의 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>Plug it in again and it goes on by itself.</source>
        <translation>다시 연결하면 저절로 이어집니다.</translation>
    </message>
    <message>
        <source>1 label was corrected.</source>
        <translation>레이블 1개를 고쳤습니다.</translation>
    </message>
    <message>
        <source>{count} labels were corrected.</source>
        <translation>레이블 {count}개를 고쳤습니다.</translation>
    </message>
    <message>
        <source>{count} pictures are left out: there can be {most} examples at most.</source>
        <translation>사진 {count}장은 빼놓았습니다. 예시는 최대 {most}장까지입니다.</translation>
    </message>
    <message>
        <source>Remove some of them.</source>
        <translation>일부를 지우세요.</translation>
    </message>
    <message>
        <source>{title} lives in a Python program, and is in no file: what was taught couldn&apos;t be opened again.</source>
        <translation>{title}은(는) Python 프로그램 안에 있고 파일이 없어, 가르친 것을 다시 열 수 없습니다.</translation>
    </message>
    <message>
        <source>Save the network there, and open that file first.</source>
        <translation>그 프로그램에서 신경망을 저장하고 먼저 그 파일을 여세요.</translation>
    </message>
    <message>
        <source>Allow it in your system&apos;s settings.</source>
        <translation>시스템 설정에서 허용하세요.</translation>
    </message>
    <message>
        <source>camviewer may not use the camera.</source>
        <translation>camviewer가 카메라를 쓸 권한이 없습니다.</translation>
    </message>
    <message>
        <source>{camera} doesn&apos;t start: it may be in use by another program.</source>
        <translation>{camera} 카메라가 시작되지 않습니다. 다른 프로그램이 쓰고 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program; camviewer tries again by itself.</source>
        <translation>그 프로그램을 닫으면 camviewer가 저절로 다시 시도합니다.</translation>
    </message>
    <message>
        <source>{camera} sends no pictures.</source>
        <translation>{camera} 카메라에서 그림이 들어오지 않습니다.</translation>
    </message>
    <message>
        <source>Check its cable and its cover, or choose another format.</source>
        <translation>케이블과 덮개를 확인하거나 다른 형식을 고르세요.</translation>
    </message>
    <message>
        <source>Allow it in System Settings, Privacy &amp; Security, Camera.</source>
        <translation>시스템 설정 → 개인정보 보호 및 보안 → 카메라에서 허용하세요.</translation>
    </message>
    <message>
        <source>Allow it in Settings, Privacy, Camera.</source>
        <translation>설정 → 개인 정보 및 보안 → 카메라에서 허용하세요.</translation>
    </message>
    <message>
        <source>The predictions would replace {name}, which is something else.</source>
        <translation>예측 결과를 저장하면 이미 있는 다른 파일 {name}을(를) 덮어쓰게 됩니다.</translation>
    </message>
    <message>
        <source>Another model was chosen, so the conversion was stopped.</source>
        <translation>다른 모델을 골라 변환을 멈추었습니다.</translation>
    </message>
    <message>
        <source>Start it again.</source>
        <translation>다시 시작하세요.</translation>
    </message>
    <message>
        <source>{name} is the video itself.</source>
        <translation>{name}은(는) 원본 동영상입니다.</translation>
    </message>
    <message>
        <source>Choose another name or folder.</source>
        <translation>다른 이름이나 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>The model can&apos;t be loaded.</source>
        <translation>모델을 불러올 수 없습니다.</translation>
    </message>
    <message>
        <source>The log says more.</source>
        <translation>로그에 더 자세한 내용이 있습니다.</translation>
    </message>
    <message>
        <source>{name} would be too large.</source>
        <translation>{name} 파일이 너무 커집니다.</translation>
    </message>
    <message>
        <source>Use a smaller photo.</source>
        <translation>더 작은 사진을 쓰세요.</translation>
    </message>
    <message>
        <source>{suffix!r} is not a kind of image that camviewer writes.</source>
        <translation>{suffix!r}은(는) camviewer가 쓸 수 있는 이미지 종류가 아닙니다.</translation>
    </message>
    <message>
        <source>{name} has no suffix.</source>
        <translation>{name}에 확장자가 없습니다.</translation>
    </message>
    <message>
        <source>Use {suffixes}.</source>
        <translation>{suffixes} 중 하나를 쓰세요.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be encoded ({reason}).</source>
        <translation>{name} 파일을 인코딩할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>Save it as PNG.</source>
        <translation>PNG로 저장하세요.</translation>
    </message>
    <message>
        <source>A picture from {source} can&apos;t be decoded.</source>
        <translation>{source}의 그림을 디코딩할 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose another resolution or format.</source>
        <translation>다른 해상도나 형식을 고르세요.</translation>
    </message>
    <message>
        <source>There is no room for a recording in {folder}.</source>
        <translation>{folder} 폴더에 녹화할 공간이 없습니다.</translation>
    </message>
    <message>
        <source>{path} was moved or deleted while camviewer recorded into it.</source>
        <translation>녹화하는 동안 {path} 파일이 옮겨지거나 삭제되었습니다.</translation>
    </message>
    <message>
        <source>Start another recording.</source>
        <translation>다시 녹화를 시작하세요.</translation>
    </message>
    <message>
        <source>There is no room for more of the recording.</source>
        <translation>더 녹화할 공간이 없습니다.</translation>
    </message>
    <message>
        <source>The recording can&apos;t be written ({reason}).</source>
        <translation>녹화를 저장할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>What was recorded until then is in {path}.</source>
        <translation>그때까지 녹화한 것은 {path}에 있습니다.</translation>
    </message>
    <message>
        <source>There is no encoder for movies.</source>
        <translation>동영상 인코더가 없습니다.</translation>
    </message>
    <message>
        <source>Install PyAV again.</source>
        <translation>PyAV를 다시 설치하세요.</translation>
    </message>
    <message>
        <source>The pictures can&apos;t be encoded ({reason}).</source>
        <translation>그림을 인코딩할 수 없습니다({reason}).</translation>
    </message>
    <message>
        <source>There are no photos in {names}.</source>
        <translation>{names}에 사진이 없습니다.</translation>
    </message>
    <message>
        <source>Open a folder with JPEG, PNG or other photos.</source>
        <translation>JPEG, PNG 등의 사진이 있는 폴더를 여세요.</translation>
    </message>
    <message>
        <source>Nothing was recorded: no picture came.</source>
        <translation>들어온 그림이 없어 아무것도 녹화하지 못했습니다.</translation>
    </message>
    <message>
        <source>Mend {name} there, or move the folder away: until then nothing that you teach is kept.</source>
        <translation>그곳의 {name}을(를) 고치거나 폴더를 다른 곳으로 옮기세요. 그때까지는 가르친 것이 저장되지 않습니다.</translation>
    </message>
    <message>
        <source>to first order, {share} of it not on the map</source>
        <translation>1차 근사로 {share}는 맵에 없음</translation>
    </message>
    <message>
        <source>to first order, all of it on the map</source>
        <translation>1차 근사로 전부 맵에 있음</translation>
    </message>
    <message>
        <source>{count} classes in one range</source>
        <translation>클래스 {count}개, 같은 범위</translation>
    </message>
    <message>
        <source>Δlogit where covered ({fill}, {patch} px)</source>
        <translation>가렸을 때 Δ로짓 ({fill}, {patch}픽셀)</translation>
    </message>
    <message>
        <source>{label}, channel {channel}</source>
        <translation>{label}, 채널 {channel}</translation>
    </message>
    <message>
        <source>average of maps</source>
        <translation>맵의 평균</translation>
    </message>
    <message>
        <source>average of {method} maps</source>
        <translation>{method} 맵의 평균</translation>
    </message>
    <message>
        <source>relative: where, not how much</source>
        <translation>상대값: 위치만, 크기는 아님</translation>
    </message>
    <message>
        <source>logit {score}</source>
        <translation>로짓 {score}</translation>
    </message>
    <message>
        <source>difference of the logits {score}</source>
        <translation>로짓의 차 {score}</translation>
    </message>
    <message>
        <source>Another model was chosen, so the review was stopped.</source>
        <translation>다른 모델을 골라 검토를 멈추었습니다.</translation>
    </message>
    <message>
        <source>Choose a folder with photos.</source>
        <translation>사진이 있는 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>화면</translation>
    </message>
    <message>
        <source>Screen {name}</source>
        <translation>화면 {name}</translation>
    </message>
    <message>
        <source>The screen can&apos;t be captured.</source>
        <translation>화면을 캡처할 수 없습니다.</translation>
    </message>
    <message>
        <source>Allow screen recording in your system&apos;s settings.</source>
        <translation>시스템 설정에서 화면 기록을 허용하세요.</translation>
    </message>
    <message>
        <source>Here is no AV1 decoder that plays it. File → Convert video reads it, or convert it to H.264.</source>
        <translation>여기에는 이것을 재생할 AV1 디코더가 없습니다. 파일 → 동영상 변환은 읽을 수 있고, H.264로 변환해도 됩니다.</translation>
    </message>
    <message>
        <source>The file may be damaged or of a format that camviewer can&apos;t play.</source>
        <translation>파일이 손상되었거나 camviewer가 재생할 수 없는 형식일 수 있습니다.</translation>
    </message>
    <message>
        <source>It has no picture, only sound.</source>
        <translation>소리만 있고 그림이 없습니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be played.</source>
        <translation>{name} 파일을 재생할 수 없습니다.</translation>
    </message>
    <message>
        <source>There is not one frame in it.</source>
        <translation>프레임이 하나도 없습니다.</translation>
    </message>
    <message>
        <source>{name} can&apos;t be read.</source>
        <translation>{name} 파일을 읽을 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose a video.</source>
        <translation>동영상을 고르세요.</translation>
    </message>
    <message>
        <source>Frames may have up to {count} megapixels.</source>
        <translation>프레임은 {count}메가픽셀까지 가능합니다.</translation>
    </message>
    <message>
        <source>camviewer doesn&apos;t know its codec.</source>
        <translation>camviewer가 모르는 코덱입니다.</translation>
    </message>
    <message>
        <source>The file may be damaged or of a format that camviewer can&apos;t read.</source>
        <translation>파일이 손상되었거나 camviewer가 읽을 수 없는 형식일 수 있습니다.</translation>
    </message>
    <message>
        <source>Check the file and the disk.</source>
        <translation>파일과 디스크를 확인하세요.</translation>
    </message>
    <message>
        <source>{model} can&apos;t be taught: it doesn&apos;t end in pooling and one linear layer.</source>
        <translation>{model}은(는) 가르칠 수 없습니다. 풀링과 선형 층 하나로 끝나지 않습니다.</translation>
    </message>
    <message>
        <source>The report&apos;s table would replace {name}, which is something else.</source>
        <translation>보고서의 표가 다른 파일인 {name}을(를) 덮어쓰게 됩니다.</translation>
    </message>
</context>
<context>
    <name>docks</name>
    <message>
        <source>Overlay</source>
        <translation>오버레이</translation>
    </message>
    <message>
        <source>How it adds up</source>
        <translation>계산 과정</translation>
    </message>
    <message>
        <source>What if</source>
        <translation>만약에</translation>
    </message>
    <message>
        <source>Trust</source>
        <translation>신뢰도</translation>
    </message>
    <message>
        <source>My classes</source>
        <translation>내 클래스</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>타임라인</translation>
    </message>
    <message>
        <source>Panel “{0}”</source>
        <translation>“{0}” 패널</translation>
    </message>
</context>
<context>
    <name>evidence</name>
    <message>
        <source>input</source>
        <translation>입력</translation>
    </message>
    <message>
        <source>map of the difference</source>
        <translation>차이 맵</translation>
    </message>
    <message>
        <source>its mean</source>
        <translation>평균</translation>
    </message>
    <message>
        <source>difference of the biases</source>
        <translation>편향의 차이</translation>
    </message>
    <message>
        <source>difference of the logits</source>
        <translation>로짓의 차이</translation>
    </message>
    <message>
        <source>left over by rounding</source>
        <translation>반올림 오차</translation>
    </message>
    <message>
        <source>of it: {0}</source>
        <translation>그중 {0}</translation>
    </message>
    <message>
        <source>ratio of the odds, e to that</source>
        <translation>오즈의 비 (e의 거듭제곱)</translation>
    </message>
    <message>
        <source>odds, e to that</source>
        <translation>오즈 (e의 거듭제곱)</translation>
    </message>
    <message>
        <source>channel {0}</source>
        <translation>채널 {0}</translation>
    </message>
    <message>
        <source>Exact: these values add up to the score.</source>
        <translation>정확함: 이 값들을 더하면 점수가 됩니다.</translation>
    </message>
    <message>
        <source>Where, not how much: these values have no unit, and nothing adds up.</source>
        <translation>어디인지만, 얼마나인지는 아님: 이 값에는 단위가 없고, 더해도 점수가 되지 않습니다.</translation>
    </message>
    <message>
        <source>To first order, at this picture: {0} of the score is not on the map.</source>
        <translation>이 그림에서 1차 근사: 점수의 {0}은(는) 맵에 없습니다.</translation>
    </message>
    <message>
        <source>features of {0}</source>
        <translation>{0}의 특징</translation>
    </message>
    <message>
        <source>features</source>
        <translation>특징</translation>
    </message>
    <message>
        <source>What happens without it: so much the score falls where a place is covered. Nothing adds up.</source>
        <translation>그곳이 없으면 생기는 일: 가리면 점수가 이만큼 내려갑니다. 더해서 합이 되지는 않습니다.</translation>
    </message>
    <message>
        <source>weight for this class</source>
        <translation>이 클래스의 가중치</translation>
    </message>
    <message>
        <source>its part of the logit</source>
        <translation>로짓에서 차지하는 몫</translation>
    </message>
    <message>
        <source>class map: weights × channels</source>
        <translation>클래스 맵: 가중치 × 채널</translation>
    </message>
    <message>
        <source>drawn over the region</source>
        <translation>영역 위에 그린 크기</translation>
    </message>
    <message>
        <source>pooled: each channel&apos;s mean</source>
        <translation>풀링: 채널별 평균</translation>
    </message>
    <message>
        <source>linear: weights × pooled + bias</source>
        <translation>선형: 가중치 × 풀링 + 편향</translation>
    </message>
    <message>
        <source>mean of the class map</source>
        <translation>클래스 맵의 평균</translation>
    </message>
    <message>
        <source>bias</source>
        <translation>편향</translation>
    </message>
    <message>
        <source>logit</source>
        <translation>로짓</translation>
    </message>
    <message>
        <source>map by {0}</source>
        <translation>{0} 맵</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>층</translation>
    </message>
    <message>
        <source>covered by</source>
        <translation>가린 것</translation>
    </message>
    <message>
        <source>unit</source>
        <translation>단위</translation>
    </message>
    <message>
        <source>change of the logit</source>
        <translation>로짓의 변화</translation>
    </message>
    <message>
        <source>relative: where, not how much</source>
        <translation>상대값: 어디인지만, 얼마나인지는 아님</translation>
    </message>
    <message>
        <source>mean of the map</source>
        <translation>맵의 평균</translation>
    </message>
    <message>
        <source>remainder, not on the map</source>
        <translation>나머지, 맵에 없음</translation>
    </message>
    <message>
        <source>share that is not on the map</source>
        <translation>맵에 없는 몫</translation>
    </message>
    <message>
        <source>sigmoid, by itself</source>
        <translation>시그모이드, 이 클래스만 따로</translation>
    </message>
    <message>
        <source>softmax over {0}</source>
        <translation>소프트맥스 ({0}개 중)</translation>
    </message>
    <message>
        <source>{0}, chosen</source>
        <translation>{0}, 선택됨</translation>
    </message>
</context>
<context>
    <name>file_dialog</name>
    <message>
        <source>Look in:</source>
        <translation>찾는 위치:</translation>
    </message>
    <message>
        <source>Files of type:</source>
        <translation>파일 형식:</translation>
    </message>
</context>
<context>
    <name>first_start</name>
    <message>
        <source>Each tab is a class. Where the picture glows is the evidence for it, in the colour bar&apos;s units.</source>
        <translation>탭 하나가 클래스 하나입니다. 그림에서 밝게 빛나는 곳이 그 클래스의 근거이고, 단위는 컬러 바에 있습니다.</translation>
    </message>
    <message>
        <source>Point at the picture to read its values; Ctrl+click another tab to ask: why this and not that?</source>
        <translation>그림을 가리키면 값을 읽을 수 있고, 다른 탭을 Ctrl+클릭하면 왜 이것이고 저것이 아닌지 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Space freezes, Ctrl+S saves, and dropped photos, folders and videos open. F1 explains the rest.</source>
        <translation>스페이스 키는 정지, Ctrl+S는 저장입니다. 사진, 폴더, 동영상을 끌어다 놓으면 열립니다. 나머지는 F1 키로 보세요.</translation>
    </message>
    <message>
        <source>Got it</source>
        <translation>알겠습니다</translation>
    </message>
</context>
<context>
    <name>full_screen</name>
    <message>
        <source>Esc leaves</source>
        <translation>Esc 키로 나가기</translation>
    </message>
</context>
<context>
    <name>gauge</name>
    <message>
        <source>this map</source>
        <translation>이 맵</translation>
    </message>
    <message>
        <source>a hill in the centre</source>
        <translation>중앙의 언덕</translation>
    </message>
    <message>
        <source>map of {0}</source>
        <translation>{0}의 맵</translation>
    </message>
    <message>
        <source>random maps (95 %)</source>
        <translation>무작위 맵(95 %)</translation>
    </message>
</context>
<context>
    <name>guide</name>
    <message>
        <source>Contents</source>
        <translation>차례</translation>
    </message>
    <message>
        <source>User&apos;s guide</source>
        <translation>사용 설명서</translation>
    </message>
    <message>
        <source>Open in the &amp;browser</source>
        <translation>브라우저에서 열기(&amp;B)</translation>
    </message>
</context>
<context>
    <name>handout</name>
    <message>
        <source>Pool, then linear: this network</source>
        <translation>풀링 뒤 선형: 이 신경망</translation>
    </message>
    <message>
        <source>Flatten, then linear: what changes</source>
        <translation>펼친 뒤 선형: 달라지는 것</translation>
    </message>
    <message>
        <source>How it adds up: {0}</source>
        <translation>계산 과정: {0}</translation>
    </message>
    <message>
        <source>The map, cell by cell</source>
        <translation>칸별 맵</translation>
    </message>
    <message>
        <source>Channel by channel</source>
        <translation>채널별</translation>
    </message>
    <message>
        <source>channel</source>
        <translation>채널</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>평균</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>가중치</translation>
    </message>
    <message>
        <source>mean × weight</source>
        <translation>평균 × 가중치</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>합</translation>
    </message>
</context>
<context>
    <name>help</name>
    <message>
        <source>What is a class activation map?</source>
        <translation>클래스 활성화 맵(CAM)이란?</translation>
    </message>
    <message>
        <source>The network cuts the picture into cells, usually 7 by 7. In each cell it measures hundreds of features: edges, fur, wheels, and others that have no name. Every class has a weight for each feature. Weight times feature, added up in a cell, is that cell&apos;s evidence for the class. All cells together are the map.</source>
        <translation>신경망은 그림을 보통 가로세로 7칸씩 나눕니다. 칸마다 윤곽, 털, 바퀴처럼 이름을 붙일 수 있는 것과 이름이 없는 것까지 수백 가지 특징을 잽니다. 클래스마다 특징별 가중치가 있습니다. 한 칸에서 가중치와 특징을 곱해 모두 더한 값이 그 칸에 있는 그 클래스의 근거입니다. 모든 칸을 모은 것이 맵입니다.</translation>
    </message>
    <message>
        <source>The map is exact. Its mean plus the class&apos;s bias is the logit, the number from which the probability is made. Point at a cell to read its share. “How it adds up” (in the View menu) shows every step.</source>
        <translation>이 맵은 정확합니다. 맵의 평균에 클래스의 편향을 더하면 로짓이고, 로짓에서 확률이 나옵니다. 칸을 가리키면 그 몫을 읽을 수 있습니다. “계산 과정”(보기 메뉴)에서 모든 단계를 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>What do the colours mean?</source>
        <translation>색은 무엇을 뜻하나요?</translation>
    </message>
    <message>
        <source>The bar beside the picture tells, in units of the logit. With the scale “this map” the brightest place is the largest value of this one map, however small it is: look at the numbers before you compare. “Shared” and “fixed” make classes and frames comparable.</source>
        <translation>그림 옆의 컬러 바가 로짓 단위로 알려 줍니다. 스케일이 “이 맵”이면 값이 아무리 작아도 이 맵에서 가장 큰 값이 가장 밝습니다. 비교하기 전에 숫자를 보세요. “공유”와 “고정”을 고르면 클래스끼리, 프레임끼리 비교할 수 있습니다.</translation>
    </message>
    <message>
        <source>Only the outlined region went into the network. The dimmed rest was never seen. Choose the fit “whole frame” to show it all of the picture.</source>
        <translation>테두리 안의 영역만 신경망에 들어갔습니다. 어두운 나머지는 신경망이 보지 못했습니다. 맞춤에서 “전체 프레임”을 고르면 그림 전체를 보여 줍니다.</translation>
    </message>
    <message>
        <source>What does negative mean?</source>
        <translation>음수는 무엇을 뜻하나요?</translation>
    </message>
    <message>
        <source>Evidence against: the cell holds features that count against this class. Choose “evidence for and against” to see it. A softmax compares classes, so ask “why this and not that” (Ctrl+click on another tab): the difference of the two maps shows which places tell the two apart.</source>
        <translation>부정 근거입니다. 그 칸에 이 클래스가 아니라고 말하는 특징이 있습니다. “긍정·부정 근거”를 고르면 볼 수 있습니다. 소프트맥스는 클래스를 서로 비교하므로 “왜 이것이고 저것이 아닌가”(다른 탭을 Ctrl+클릭)를 물어보세요. 두 맵의 차이가 어느 곳에서 둘이 갈리는지 보여 줍니다.</translation>
    </message>
    <message>
        <source>What can it not tell?</source>
        <translation>무엇을 알 수 없나요?</translation>
    </message>
    <message>
        <source>It shows where evidence was added up, not what caused it. A cell&apos;s features also look at its surroundings, often at most of the picture. And it does not say what would happen if something were taken away: cover it and look.</source>
        <translation>근거가 더해진 곳을 보여 줄 뿐, 무엇 때문인지는 보여 주지 않습니다. 한 칸의 특징은 그 주변, 때로는 그림 대부분을 함께 봅니다. 무언가를 없애면 어떻게 되는지도 알려 주지 않습니다. 가려 놓고 확인해 보세요.</translation>
    </message>
    <message>
        <source>“Average six passes” and “smooth over” average several maps for the eye, and the colour bar and the box go by what you see. The values under the pointer and in “How it adds up” are those of the one exact map.</source>
        <translation>“6회 평균”과 “평활 시간”은 보기 좋게 여러 맵을 평균한 것이고, 컬러 바와 상자는 보이는 것을 따릅니다. 포인터 아래의 값과 “계산 과정”의 값은 정확한 맵 하나의 값입니다.</translation>
    </message>
    <message>
        <source>In the picture: read cell by cell; of all classes: go from one to the next</source>
        <translation>그림: 칸마다 값 읽기. 모든 클래스: 하나씩 옮겨 가기</translation>
    </message>
    <message>
        <source>Ctrl+click on a tab</source>
        <translation>탭을 Ctrl+클릭</translation>
    </message>
    <message>
        <source>Why the chosen class and not that one</source>
        <translation>왜 선택한 클래스이고 그 클래스가 아닌지</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>Go to the next part of the window</source>
        <translation>창의 다음 부분으로 가기</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>camviewer help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>버전</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>not loaded yet</source>
        <translation>아직 불러오지 않음</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>가중치</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>로그</translation>
    </message>
    <message>
        <source>none: its folder can&apos;t be written</source>
        <translation>없음: 폴더에 쓸 수 없습니다</translation>
    </message>
    <message>
        <source>See, live, where an image classifier looks: exact class activation maps (Zhou et al., CVPR 2016).</source>
        <translation>이미지 분류기가 어디를 보는지 실시간으로 보여 줍니다. 정확한 클래스 활성화 맵(CAM)입니다 (Zhou et al., CVPR 2016).</translation>
    </message>
    <message>
        <source>MIT licence. Nothing that the camera sees leaves this computer.</source>
        <translation>MIT 라이선스. 카메라에 보이는 것은 이 컴퓨터를 떠나지 않습니다.</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>사용한 라이브러리</translation>
    </message>
    <message>
        <source>All licences</source>
        <translation>전체 라이선스</translation>
    </message>
    <message>
        <source>About camviewer</source>
        <translation>camviewer 정보</translation>
    </message>
</context>
<context>
    <name>history</name>
    <message>
        <source>explained again</source>
        <translation>다시 설명함</translation>
    </message>
    <message>
        <source>by {0}</source>
        <translation>{0}의 설명</translation>
    </message>
</context>
<context>
    <name>language</name>
    <message>
        <source>camviewer will be in {0} from its next start on.</source>
        <translation>다음에 시작할 때부터 camviewer가 {0}로 나옵니다.</translation>
    </message>
    <message>
        <source>Restart now</source>
        <translation>지금 다시 시작</translation>
    </message>
</context>
<context>
    <name>menus</name>
    <message>
        <source>&amp;File</source>
        <translation>파일(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>편집(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Source</source>
        <translation>소스(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>보기(&amp;V)</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>시스템 설정대로</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>어둡게</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>모양(&amp;A)</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>언어(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Classes</source>
        <translation>클래스(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>도움말(&amp;H)</translation>
    </message>
    <message>
        <source>W&amp;hy this class and not</source>
        <translation>왜 이 클래스이고 다음이 아닌가(&amp;H)</translation>
    </message>
    <message>
        <source>There is no other class</source>
        <translation>다른 클래스가 없음</translation>
    </message>
    <message>
        <source>&amp;Fill</source>
        <translation>채우기(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Keep</source>
        <translation>보관(&amp;K)</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>보관 안 함</translation>
    </message>
    <message>
        <source>The last {0} s</source>
        <translation>마지막 {0}초</translation>
    </message>
    <message>
        <source>At most {0} MB</source>
        <translation>최대 {0} MB</translation>
    </message>
    <message>
        <source>Kept now: {0} s in {1} MB</source>
        <translation>지금 보관: {0}초, {1} MB</translation>
    </message>
</context>
<context>
    <name>methods</name>
    <message>
        <source>automatic: {0}</source>
        <translation>자동: {0}</translation>
    </message>
    <message>
        <source>The most faithful method that this model has.</source>
        <translation>이 모델에서 쓸 수 있는 가장 충실한 방법입니다.</translation>
    </message>
    <message>
        <source>Unit: {0}. Cost: {1}. {2}.</source>
        <translation>단위: {0}. 비용: {1}. {2}.</translation>
    </message>
    <message>
        <source>Spreads the map over the cells that look alike, one layer earlier: outlines and boxes fit better, best at 448 pixels. It shows how far the object reaches, and is no evidence: its values have no unit. Once more: the map that was there before.</source>
        <translation>맵을 한 층 앞에서 서로 닮은 칸으로 넓힙니다. 윤곽선과 상자가 더 잘 맞고, 448픽셀에서 가장 좋습니다. 물체가 어디까지인지를 보여 줄 뿐 근거는 아니며, 값에는 단위가 없습니다. 다시 누르면 이전 맵으로 돌아갑니다.</translation>
    </message>
    <message>
        <source>{0} · {1} × {2} · {3} channels</source>
        <translation>{0} · {1} × {2} · 채널 {3}개</translation>
    </message>
    <message>
        <source>{0} covers parts of the input, and looks at no layer.</source>
        <translation>{0}은(는) 입력의 일부를 가리며, 어떤 층도 보지 않습니다.</translation>
    </message>
    <message>
        <source>{0} looks at the last layer with cells, and at no other.</source>
        <translation>{0}은(는) 칸이 있는 마지막 층만 봅니다.</translation>
    </message>
    <message>
        <source>This method</source>
        <translation>이 방법</translation>
    </message>
    <message>
        <source>This model has no other layer to look at.</source>
        <translation>이 모델에는 볼 수 있는 다른 층이 없습니다.</translation>
    </message>
</context>
<context>
    <name>model_card</name>
    <message>
        <source>from the names and shapes of the weights</source>
        <translation>가중치의 이름과 모양에서</translation>
    </message>
    <message>
        <source>written in the file</source>
        <translation>파일에 적혀 있음</translation>
    </message>
    <message>
        <source>from config.json</source>
        <translation>config.json에서</translation>
    </message>
    <message>
        <source>from a file beside it</source>
        <translation>옆에 있는 파일에서</translation>
    </message>
    <message>
        <source>as of the architecture&apos;s published weights</source>
        <translation>이 구조의 공개된 가중치와 같게</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>측정함</translation>
    </message>
    <message>
        <source>from its saved card</source>
        <translation>저장한 카드에서</translation>
    </message>
    <message>
        <source>corrected by you</source>
        <translation>직접 고침</translation>
    </message>
    <message>
        <source>assumed: nothing says so</source>
        <translation>가정함: 적힌 곳이 없음</translation>
    </message>
    <message>
        <source>PyTorch weights</source>
        <translation>PyTorch 가중치</translation>
    </message>
    <message>
        <source>safetensors weights</source>
        <translation>safetensors 가중치</translation>
    </message>
    <message>
        <source>ONNX network</source>
        <translation>ONNX 신경망</translation>
    </message>
    <message>
        <source>sigmoid: each class by itself</source>
        <translation>시그모이드: 클래스마다 따로</translation>
    </message>
    <message>
        <source>softmax: one class is right</source>
        <translation>소프트맥스: 클래스 하나만 정답</translation>
    </message>
    <message>
        <source>{0} × {0} pixels only</source>
        <translation>{0} × {0} 픽셀만</translation>
    </message>
    <message>
        <source>multiples of {0}, from {1} to {2} pixels</source>
        <translation>{1}~{2} 픽셀, {0}의 배수</translation>
    </message>
    <message>
        <source>{0}; squares only</source>
        <translation>{0}, 정사각형만</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>아직 측정하지 않음</translation>
    </message>
    <message>
        <source>local: to first order, at each picture. {0}</source>
        <translation>국소적: 그림마다 1차 근사. {0}</translation>
    </message>
    <message>
        <source>no map that adds up to the score. {0}</source>
        <translation>합이 점수가 되는 맵이 없습니다. {0}</translation>
    </message>
    <message>
        <source>exact: pooling and one linear layer</source>
        <translation>정확함: 풀링과 선형층 하나</translation>
    </message>
    <message>
        <source>exact: pooling, a norm whose σ is held, and one linear layer</source>
        <translation>정확함: 풀링, σ를 고정한 정규화, 선형층 하나</translation>
    </message>
    <message>
        <source>exact: the mean of the classes&apos; own maps</source>
        <translation>정확함: 클래스별 맵의 평균</translation>
    </message>
    <message>
        <source>{0}; largest difference {1} logits</source>
        <translation>{0}, 가장 큰 차이 {1} 로짓</translation>
    </message>
    <message>
        <source>{0}; by default {1}</source>
        <translation>{0}, 기본 {1}</translation>
    </message>
    <message>
        <source>{0} million ({1})</source>
        <translation>{1}개 ({0}백만)</translation>
    </message>
</context>
<context>
    <name>readout</name>
    <message>
        <source>relative: where, not how much</source>
        <translation>상대값: 어디인지만, 얼마나인지는 아님</translation>
    </message>
    <message>
        <source>so much the difference falls where this is covered, in logits</source>
        <translation>이곳을 가리면 차이가 이만큼 줄어듭니다(로짓)</translation>
    </message>
    <message>
        <source>so much the score falls where this is covered, in logits</source>
        <translation>이곳을 가리면 점수가 이만큼 내려갑니다(로짓)</translation>
    </message>
    <message>
        <source>{0} of the difference {1}</source>
        <translation>차이 {1} 중 {0}</translation>
    </message>
    <message>
        <source>{0} of the logit {1}</source>
        <translation>로짓 {1} 중 {0}</translation>
    </message>
    <message>
        <source>to first order; {0} of the score is not on the map</source>
        <translation>1차 근사, 점수의 {0}은(는) 맵에 없음</translation>
    </message>
    <message>
        <source>row {0}, column {1}: {2}</source>
        <translation>{0}행 {1}열: {2}</translation>
    </message>
</context>
<context>
    <name>review_tables</name>
    <message>
        <source>Class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>The true class</source>
        <translation>정답 클래스</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>사진</translation>
    </message>
    <message>
        <source>Photos of this class</source>
        <translation>이 클래스의 사진 수</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>재현율</translation>
    </message>
    <message>
        <source>Of the photos of this class, those that were recognised (recall)</source>
        <translation>이 클래스의 사진 중 알아맞힌 비율 (재현율)</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>정밀도</translation>
    </message>
    <message>
        <source>Of the photos that were taken for this class, those that were of it (precision)</source>
        <translation>이 클래스로 예측한 사진 중 실제로 이 클래스인 비율 (정밀도)</translation>
    </message>
    <message>
        <source>Classes, the worst first</source>
        <translation>클래스, 나쁜 것부터</translation>
    </message>
    <message>
        <source>True</source>
        <translation>정답</translation>
    </message>
    <message>
        <source>Taken for</source>
        <translation>예측</translation>
    </message>
    <message>
        <source>The predicted class</source>
        <translation>예측한 클래스</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>횟수</translation>
    </message>
    <message>
        <source>Sure</source>
        <translation>확신</translation>
    </message>
    <message>
        <source>The mean probability of the predicted class</source>
        <translation>예측한 클래스의 평균 확률</translation>
    </message>
    <message>
        <source>Confused classes, the most frequent first</source>
        <translation>혼동한 클래스, 잦은 것부터</translation>
    </message>
    <message>
        <source>No classes are confused.</source>
        <translation>혼동된 클래스가 없습니다.</translation>
    </message>
    <message>
        <source>{0} right ({1} of {2}; 95 % interval {3} to {4}).</source>
        <translation>정답률 {0} ({2}장 중 {1}장, 95 % 구간 {3}~{4}).</translation>
    </message>
    <message>
        <source>Among the first five: {0}.</source>
        <translation>상위 5개 안: {0}.</translation>
    </message>
</context>
<context>
    <name>teaching</name>
    <message>
        <source>Two examples of each class are needed to measure how good it is.</source>
        <translation>얼마나 좋은지 재려면 클래스마다 예시가 두 개 필요합니다.</translation>
    </message>
    <message>
        <source>&lt;b&gt;{0} right&lt;/b&gt; of examples left out (95 % interval: {1} to {2})</source>
        <translation>빼 둔 예시의 &lt;b&gt;{0} 정답&lt;/b&gt; (95 % 구간: {1}~{2})</translation>
    </message>
    <message>
        <source>Measured on examples that it was not taught with: {0} parts, each left out once. Pictures of one moment count once: there are {1} moments.</source>
        <translation>배우지 않은 예시로 잰 값입니다. {0}묶음을 한 번씩 빼 두었습니다. 한 순간의 사진은 한 번만 세며, 순간은 {1}개입니다.</translation>
    </message>
    <message>
        <source>{0} taken for {1}: {2}×</source>
        <translation>{0}을(를) {1}(으)로: {2}번</translation>
    </message>
    <message>
        <source>{0}: {1} sure</source>
        <translation>{0}: 확신 {1}</translation>
    </message>
    <message>
        <source>{0}, taken for {1} ({0}: {2} sure)</source>
        <translation>{0}인데 {1}(으)로 판단 ({0}: 확신 {2})</translation>
    </message>
</context>
<context>
    <name>tiles</name>
    <message>
        <source>Marked</source>
        <translation>표시함</translation>
    </message>
    <message>
        <source>{0} of the evidence at the border</source>
        <translation>근거의 {0}가 가장자리에 있음</translation>
    </message>
</context>
<context>
    <name>what_if</name>
    <message>
        <source>{0}: {1}, {2} points, {3}</source>
        <translation>{0}: {1}, {2}%p, {3}</translation>
    </message>
    <message>
        <source>Before: as it was {0} s ago.</source>
        <translation>전: {0}초 전의 모습입니다.</translation>
    </message>
    <message>
        <source>Don&apos;t believe “{0}”: the fill makes it. It has {2} where {1} covers the frame, and {4} where {3} covers the same place.</source>
        <translation>“{0}”은(는) 믿지 마세요. 채우기 때문에 나타났습니다. {1}(으)로 가리면 {2}, 같은 곳을 {3}(으)로 가리면 {4}입니다.</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>{0}, channel {1}</source>
        <translation>{0}, 채널 {1}</translation>
    </message>
    <message>
        <source>{0} classes</source>
        <translation>클래스 {0}개</translation>
    </message>
    <message>
        <source>Δlogit</source>
        <translation>Δ로짓</translation>
    </message>
    <message>
        <source>logit</source>
        <translation>로짓</translation>
    </message>
    <message>
        <source>relative</source>
        <translation>상대값</translation>
    </message>
    <message>
        <source>mean colour</source>
        <translation>평균색</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>회색</translation>
    </message>
    <message>
        <source>black</source>
        <translation>검정</translation>
    </message>
    <message>
        <source>blur</source>
        <translation>흐림</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>노이즈</translation>
    </message>
    <message>
        <source>from around</source>
        <translation>주변에서 채움</translation>
    </message>
    <message>
        <source>{0} pixels</source>
        <translation>{0}픽셀</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>not computed yet</source>
        <translation>아직 계산되지 않음</translation>
    </message>
    <message>
        <source>{0} has no such map</source>
        <translation>{0}에는 이런 맵이 없음</translation>
    </message>
    <message>
        <source>not in the snapshot</source>
        <translation>스냅샷에 없음</translation>
    </message>
    <message>
        <source>&lt;{0} %</source>
        <translation>&lt;{0}%</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0}%</translation>
    </message>
</context>
<context>
    <name>worksheet</name>
    <message>
        <source>Name</source>
        <translation>이름</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>날짜</translation>
    </message>
    <message>
        <source>About {0} minutes</source>
        <translation>약 {0}분</translation>
    </message>
    <message>
        <source>In camviewer: Help → Lessons → “{0}”. Read the numbers for the empty lines in the window.</source>
        <translation>camviewer에서 도움말 → 수업 → “{0}”. 빈칸의 숫자는 창에서 읽으세요.</translation>
    </message>
    <message>
        <source>What I saw, and why:</source>
        <translation>내가 본 것과 그 까닭:</translation>
    </message>
</context>
</TS>
